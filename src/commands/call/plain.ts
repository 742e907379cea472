/**
 * A call as lines of text: the same steps, each printed once, then a question and its answer.
 * - For screen readers, and for terminals that cannot move the cursor.
 * - Nothing printed is overwritten, so codes stay in the scroll-back.
 */
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { KeydeskError } from '../../errors.ts'
import { NO_PAINT } from '../../term/colour.ts'
import type { Key } from '../../term/keys.ts'
import type { Lines } from '../../term/lines.ts'
import { type CallDesk, openCallDesk, settle } from './desk.ts'
import type { Effect } from './effect.ts'
import { tellLeft, tellRan } from './leaving.ts'
import { tellCall, tellNotice, viewCall } from './screen/frame.ts'
import type { Look } from './screen/view.ts'
import { type CallState, type Next, type Step, withEffect } from './state.ts'
import { updateCall } from './update.ts'

type Place = {
  readonly context: Context
  readonly globals: DeskGlobals
  readonly desk: CallDesk
  readonly lines: Lines
  readonly look: Look
}

export const PLAIN_HELP = 'Type and press Enter. /back goes back a step, /end ends the call, /quit leaves.'

export async function runInLines(context: Context, globals: DeskGlobals, first: CallState): Promise<CallState> {
  const lines = await context.prompt.openLines()
  const prompt = { ...context.prompt, available: context.prompt.available, secret: lines.secret, text: lines.ask }
  const desk = openCallDesk({ ...context, prompt }, globals)
  const look: Look = { columns: 400, rows: 24, plain: true, brush: NO_PAINT }
  try {
    await desk.open()
    return await converse({ context, globals, desk, lines, look }, first)
  } finally {
    lines.close()
  }
}

async function converse(place: Place, first: CallState): Promise<CallState> {
  const { context, lines, look, globals } = place
  context.io.err(`${PLAIN_HELP}\n`)
  let next = await settleAll(place, withEffect(first, { do: 'load' }))
  let told = ''
  while (next.effect?.do !== 'leave') {
    const screen = tellCall(next.state, look)
    const notice = tellNotice(next.state)
    const said = [screen === told ? '' : `\n${screen}`, notice].filter((each) => each !== '')
    if (said.length > 0) context.io.err(`${said.join('\n')}\n`)
    told = screen
    next = await answer(place, next.state, () => lines.ask(viewCall(next.state, look).question))
  }
  tellLeft(context, globals, next.state)
  if (next.effect.cancelled) throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
  return next.state
}

/** Ctrl-C and the end of the input leave the call, as they do on a screen. */
async function answer(place: Place, state: CallState, question: () => Promise<string>): Promise<Next> {
  let line: string
  try {
    line = await question()
  } catch (error) {
    if (error instanceof KeydeskError && error.refusal.kind === 'cancelled')
      return withEffect(state, { do: 'leave', cancelled: true })
    throw error
  }
  let next: Next = { state, effect: null }
  for (const key of keysOf(state, line)) {
    next = await settleAll(place, updateCall(next.state, { kind: 'key', key }))
    if (next.effect !== null || next.state.step !== state.step) return next
  }
  return next
}

/** Performs each effect and waits for its answer, until no effect is left. */
async function settleAll(place: Place, first: Next): Promise<Next> {
  let next = first
  while (next.effect !== null && next.effect.do !== 'leave')
    next = updateCall(next.state, await perform(place, next.effect, next.state))
  return next
}

async function perform({ context, globals, desk }: Place, effect: Exclude<Effect, { do: 'leave' }>, state: CallState) {
  if (effect.do !== 'tell') return settle(desk, effect, state)
  tellRan(context, globals, state, effect.ran)
  return { kind: 'answer', answer: { to: 'tell' } } as const
}

const COMMANDS: Readonly<Record<string, Key['name']>> = {
  '/back': 'escape',
  '/end': 'ctrl-e',
  '/clear': 'ctrl-u',
  '/quit': 'ctrl-c',
}
/** Steps that take a whole line of text, not a single letter or digit. */
const TYPED: readonly Step[] = ['find', 'totp', 'pin', 'reason', 'confirm', 'ticket']

const press = (name: Key['name'], text = ''): Key => ({ name, text })

/** Translates a line of input into the keys that the screen would receive. */
export function keysOf({ step, search }: CallState, line: string): Key[] {
  const text = line.trim()
  const command = COMMANDS[text.toLowerCase()]
  if (command !== undefined) return [press(command)]
  if (text === '') return [press('enter')]
  // The line is the number of a listed device, counted from 1: move the mark to that device and press Enter.
  const listed = step === 'find' && /^[1-9]$/.test(text) && search.found.length >= Number(text)
  if (listed) return [...Array.from({ length: Number(text) - 1 - search.at }, () => press('down')), press('enter')]
  if (step === 'find') return [press('ctrl-u'), press('paste', text)]
  if (step === 'code') return [press('paste', text)]
  return TYPED.includes(step)
    ? [press('ctrl-u'), press('paste', text), press('enter')]
    : [press('text', text.charAt(0))]
}
