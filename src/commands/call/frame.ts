/** A call as a whole screen of lines, or as lines to be read out: the same steps and the same words. */
import { escapeText } from '../../term/escape.ts'
import type { Frame } from '../../term/screen.ts'
import { displayWidth, fitText, padText } from '../../term/width.ts'
import { wrapText } from '../../term/wrap.ts'
import { viewAnswer, viewConfirm, viewDone, viewOutcome, viewProof, viewTicket, viewVerify } from './ending-view.ts'
import { viewCode, viewFind, viewGlance, viewWords } from './hearing-view.ts'
import type { CallState, Effect } from './state.ts'
import {
  type BodyLine,
  describePlace,
  describeWho,
  drawNotice,
  type Look,
  labelled,
  MARGIN,
  type View,
} from './view.ts'

export function viewCall(state: CallState, look: Look): View {
  const { step, facts } = state
  if (step === 'find' || facts === null) return viewFind(state, look)
  if (step === 'glance') return viewGlance(facts, look)
  if (step === 'code') return viewCode(state, look)
  if (step === 'words') return viewWords(state, look)
  if (step === 'verify') return viewVerify(facts, look)
  if (step === 'totp' || step === 'pin' || step === 'reason') return viewProof(state, step, look)
  if (step === 'confirm') return viewConfirm(state, look)
  if (step === 'answer') return viewAnswer(state, look)
  if (step === 'outcome') return viewOutcome(state, look)
  return step === 'ticket' ? viewTicket(state, look) : viewDone(state, look)
}

const WAITING: Readonly<Partial<Record<Effect['do'], string>>> = {
  look: 'looking it up …',
  check: 'checking the code …',
  totp: 'checking their code …',
  pin: 'checking the PIN …',
  confirm: 'confirming …',
  outcome: 'putting it on record …',
}

/** Never wider or higher than the terminal; where there is no room, it is the middle that gives way. */
export function drawCall(state: CallState, look: Look): Frame {
  const { columns, rows, brush } = look
  const view = viewCall(state, look)
  const head = [drawTitle(state, look), brush.dim('─'.repeat(columns)), ...drawSpeech(view, look)]
  const wait = state.leaving ? 'leaving, as soon as that is done …' : WAITING[state.busy?.do ?? 'load']
  const notice =
    wait !== undefined ? [`${MARGIN}${brush.dim(wait)}`] : state.notice === null ? [] : drawNotice(state.notice, look)
  const foot = [...(notice.length > 0 ? ['', ...notice] : []), '', ...drawKeys(view, look)]
  const room = Math.max(1, rows - head.length - foot.length)
  const body = view.body.slice(0, room)
  const filler = Array.from({ length: Math.max(0, room - body.length) }, () => '')
  const lines = [...head, ...body.map(textOf), ...filler, ...foot].slice(0, rows)
  const at = body.findIndex((each) => typeof each !== 'string')
  const typed = body[at]
  const column = typed === undefined || typeof typed === 'string' ? 0 : typed.cursor
  return { lines, cursor: at === -1 ? null : { row: head.length + at, column: Math.min(column, columns - 1) } }
}

const textOf = (each: BodyLine): string => (typeof each === 'string' ? each : each.line)

function drawTitle(state: CallState, { columns, brush }: Look): string {
  const place = describePlace(state)
  const who = fitText(describeWho(state), Math.max(0, columns - displayWidth(place) - 4))
  return `${MARGIN}${brush.bold(padText(place, columns - displayWidth(who) - 2))}${who}`
}

function drawSpeech({ say, todo }: View, { columns, brush }: Look): string[] {
  const said = say === null ? [] : labelled('SAY', say, columns).map(brush.bold)
  const done = todo === null ? [] : labelled('DO', todo, columns)
  return [...said, ...done, '']
}

function drawKeys({ keys }: View, { columns, brush }: Look): string[] {
  const parts = keys.map(([key, what]) => `${key} ${what}`)
  return wrapText(parts.map((part) => part.replaceAll(' ', '\u00a0')).join(' · '), columns - 2).map(
    (line) => `${MARGIN}${brush.dim(line.replaceAll('\u00a0', ' '))}`,
  )
}

/** The same, told: where we are, what to say and do, what is known, what went wrong. */
export function tellCall(state: CallState, look: Look): string {
  const view = viewCall(state, look)
  const told = view.body.filter((each): each is string => typeof each === 'string').filter((each) => each.trim() !== '')
  const who = describeWho(state)
  return [
    `Step ${describePlace(state).replace('  ', ': ')}${who === '' ? '' : `, ${who}`}`,
    ...(view.say === null ? [] : [`Say: ${view.say}`]),
    ...(view.todo === null ? [] : [`Do: ${view.todo}.`]),
    ...told.map((each) => each.trim().replace(/ {2,}/g, '  ')),
  ].join('\n')
}

/** A notice as a sentence. */
export function tellNotice({ notice }: CallState): string {
  if (notice === null || notice.message === '') return ''
  const label = { no: 'No', note: 'Note', ok: 'OK' }[notice.tone]
  return `${label}: ${escapeText(notice.message)}${notice.hint === null ? '' : `\nDo: ${escapeText(notice.hint)}`}`
}
