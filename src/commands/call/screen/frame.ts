/** Draws a call as a whole screen, or tells it as lines of text: both have the same steps and the same words. */
import { stripVTControlCharacters } from 'node:util'
import { escapeText } from '../../../term/escape.ts'
import type { Frame } from '../../../term/screen.ts'
import { displayWidth, fitText, padText } from '../../../term/width.ts'
import type { Effect } from '../effect.ts'
import type { CallState } from '../state.ts'
import { viewAnswer } from './answer-view.ts'
import { viewCode } from './code-view.ts'
import { viewConfirm, viewDone, viewOutcome, viewProof, viewTicket, viewVerify } from './ending-view.ts'
import { viewFind, viewGlance, viewWords } from './hearing-view.ts'
import { type Parts, placeTight } from './tight-frame.ts'
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
  tell: 'one moment …',
}

const GAP = '   '
const MADE_FOR = { columns: 80, rows: 24 }

/** Never wider or higher than the terminal. */
export function drawCall(state: CallState, look: Look): Frame {
  const { columns, rows, brush } = look
  const view = viewCall(state, look)
  const wait = state.leaving ? 'leaving, as soon as that is done …' : WAITING[state.busy?.do ?? 'load']
  const notice =
    wait !== undefined ? [`${MARGIN}${brush.dim(wait)}`] : state.notice === null ? [] : drawNotice(state.notice, look)
  const parts = { title: drawTitle(state, look), speech: drawSpeech(view, look), notice, keys: drawKeys(view, look) }
  const rule = brush.dim('─'.repeat(columns))
  const placed = (placeAll(parts, rule, view.body, look) ?? placeTight(parts, view.tight, rows)).slice(0, rows)
  const row = placed.findIndex((each) => typeof each !== 'string')
  const typed = placed[row]
  const column = typed === undefined || typeof typed === 'string' ? 0 : typed.cursor
  return {
    lines: placed.map((each) => fitPainted(textOf(each), columns)),
    cursor: row === -1 ? null : { row, column: Math.min(column, columns - 1) },
  }
}

/**
 * Returns null when the body does not fit and the terminal is smaller than 80 × 24. On a larger terminal the body is
 * cut.
 */
function placeAll(parts: Parts, rule: string, whole: readonly BodyLine[], { columns, rows }: Look): BodyLine[] | null {
  const head = [parts.title, rule, ...parts.speech, '']
  const told = parts.notice.length > 0 ? ['', ...parts.notice] : []
  const foot = ['', ...parts.keys]
  const room = Math.max(1, rows - head.length - told.length - foot.length)
  if (whole.length > room && (rows < MADE_FOR.rows || columns < MADE_FOR.columns)) return null
  const body = whole.slice(0, room)
  const filler = Array.from({ length: room - body.length }, () => '')
  return [...head, ...body, ...told, ...filler, ...foot]
}

/** A line that is too wide loses its colours and is cut at its end. */
function fitPainted(line: string, columns: number): string {
  const bare = stripVTControlCharacters(line)
  return displayWidth(bare) <= columns ? line : fitText(bare, columns)
}

const textOf = (each: BodyLine): string => (typeof each === 'string' ? each : each.line)

function drawTitle(state: CallState, { columns, brush }: Look): string {
  const place = describePlace(state)
  const who = fitText(describeWho(state), Math.max(0, columns - displayWidth(place) - 4))
  return `${MARGIN}${brush.bold(padText(place, columns - displayWidth(who) - 2))}${who}`
}

function drawSpeech({ say, todo }: View, { columns, brush }: Look): string[] {
  const said = say === null ? [] : labelled('SAY', say, columns).map((line) => brush.bold(line))
  const done = todo === null ? [] : labelled('DO', todo, columns)
  return [...said, ...done]
}

/** Keys with their meanings, as many on one line as fit. */
function drawKeys({ keys }: View, { columns, brush }: Look): string[] {
  const lines: string[] = []
  let width = columns
  for (const [key, what] of keys) {
    const part = `${brush.bold(key)} ${what}`
    const needed = displayWidth(`${GAP}${key} ${what}`)
    if (width + needed > columns - MARGIN.length) {
      lines.push(`${MARGIN}${part}`)
      width = needed
    } else {
      lines[lines.length - 1] += `${GAP}${part}`
      width += needed
    }
  }
  return lines
}

/** The same screen as lines of text: the step, what to say and do, and the body. */
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
