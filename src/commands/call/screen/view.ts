/**
 * The content of the screen at each step: the sentence to say, the known facts, the notice, and the keys.
 * - The same content is drawn as a whole screen or told line by line.
 * - Foreign text is escaped here and fitted to its line.
 */
import type { Paint } from '../../../term/colour.ts'
import { escapeText } from '../../../term/escape.ts'
import { type Line, showLine } from '../../../term/line.ts'
import { displayWidth, fitText, padText } from '../../../term/width.ts'
import { wrapText } from '../../../term/wrap.ts'
import type { CallState, Notice, Step } from '../state.ts'

/** How the call is shown. `plain` tells it in lines of text, without drawing. */
export type Look = { readonly columns: number; readonly rows: number; readonly plain: boolean; readonly brush: Paint }
/** `cursor` is the column of the next typed character. */
export type BodyLine = string | { readonly line: string; readonly cursor: number }
export type View = {
  /** The sentence for the operator to say to the caller. */
  readonly say: string | null
  /** The next action of the operator. Null when the operator only types. */
  readonly todo: string | null
  readonly body: readonly BodyLine[]
  /** The body for a terminal that is too small for the whole screen, the most important line first. */
  readonly tight: readonly BodyLine[]
  readonly keys: readonly (readonly [key: string, what: string])[]
  /** The question in plain mode. */
  readonly question: string
}

/** The blanks at the left of every line, and the further blanks at the left of text below a heading. */
export const MARGIN = ' '
export const INDENT = '      '

const PLACES: Readonly<Record<Step, readonly [number, string]>> = {
  find: [1, 'Find the device'],
  glance: [2, 'The device'],
  code: [3, 'The reset code'],
  words: [4, 'The desk words'],
  verify: [5, 'Who is calling'],
  totp: [5, 'Who is calling: their app'],
  pin: [5, 'Who is calling: their PIN'],
  reason: [5, 'Who is calling: why not'],
  confirm: [6, 'Confirm'],
  answer: [6, 'The confirmation code'],
  outcome: [7, 'How it ended'],
  ticket: [7, 'How it ended: the ticket'],
  done: [7, 'Done'],
}
const STEPS = 7

export const describePlace = ({ step }: CallState): string => `${PLACES[step][0]} of ${STEPS}  ${PLACES[step][1]}`

/** The device and user of the call. Empty until a device is chosen. */
export function describeWho({ facts, step }: CallState): string {
  return facts === null || step === 'find' ? '' : escapeText(`${facts.device.name} of ${facts.device.user}`)
}

/** `LABEL  text`, wrapped to the width. */
export function labelled(label: string, text: string, columns: number): string[] {
  const lines = wrapText(escapeText(text), columns - MARGIN.length - INDENT.length)
  return lines.map((line, i) => `${MARGIN}${padText(i === 0 ? label : '', INDENT.length)}${line}`)
}

/** An input line with the cursor in it. */
export function typing(label: string, line: Line, { columns }: Look): BodyLine {
  const before = `${MARGIN}${label}: `
  const { text, column } = showLine(line, Math.max(8, columns - displayWidth(before) - 1))
  return { line: `${before}${text}`, cursor: displayWidth(before) + column }
}

/** One line per label and value, with the values aligned. */
export function fields(rows: readonly (readonly [string, string])[], { columns }: Look): string[] {
  const width = Math.max(0, ...rows.map(([label]) => label.length)) + 2
  return rows.map(([label, value]) => fitText(`${MARGIN}${padText(label, width)}${escapeText(value)}`, columns))
}

const TONES: Readonly<Record<Notice['tone'], readonly [label: string, brush: 'bad' | 'warn' | 'good']>> = {
  no: ['NO', 'bad'],
  note: ['NOTE', 'warn'],
  ok: ['OK', 'good'],
}

/** The notice in its colour, and the hint below it. */
export function drawNotice({ tone, message, hint }: Notice, { columns, brush }: Look): string[] {
  const [label, colour] = TONES[tone]
  const said = labelled(label, message, columns).map((line) => brush[colour](line))
  return hint === null ? said : [...said, ...labelled('DO', hint, columns)]
}
