/** The screen of step 3: the reset code in groups, the symbols still to ask for, and the place of a wrong symbol. */
import { CODE_LENGTH } from '../../../crypto/spoken.ts'
import type { CallState } from '../state.ts'
import { judgeEntry } from '../steps/code-entry.ts'
import { type BodyLine, INDENT, type Look, MARGIN, type View } from './view.ts'

export function viewCode(state: CallState, look: Look): View {
  const judged = judgeEntry(state.code)
  const place = judged.kind === 'located' ? judged.at : null
  const { text } = state.code
  return {
    say: askFor(text.length, place),
    todo: place === null ? TODO[judged.kind] : null,
    body: [...drawEntry(state, look), '', `${MARGIN}${INDENT}${text.length} of 15 symbols`],
    tight: [drawNarrow(state, look), `${MARGIN}${text.length} of 15 symbols`],
    keys: [
      ['Backspace', 'take back'],
      ['Ctrl-U', 'begin anew'],
      ['Esc', 'back'],
      ['Ctrl-E', 'end the call'],
    ],
    question: `Reset code, five symbols at a time${text === '' ? '' : `, so far ${text.replace(/.{5}(?=.)/g, '$& ')}`}:`,
  }
}

const HEAR = 'type what you hear; ? for a symbol that you cannot understand'
const TODO = { partial: HEAR, located: HEAR, whole: 'Enter asks the desk about this code', wrong: HEAR } as const
const NUMBERS = ['first', 'second', 'third']
const PLACES = ['first', 'second', 'third', 'fourth', 'fifth']

function askFor(length: number, place: number | null): string {
  if (place !== null)
    return `“In the ${NUMBERS[Math.floor(place / 5)]} group: what is the ${PLACES[place % 5]} symbol?”`
  if (length === CODE_LENGTH) return '“Thank you. One moment.”'
  if (length === 0) return '“Please read me the reset code, group by group. The first five symbols?”'
  const group = Math.min(2, Math.floor(length / 5))
  return `“${length % 5 === 0 ? 'Thank you. ' : ''}The ${NUMBERS[group]} group?”`
}

/** Fifteen places in three groups. The terminal's cursor stands at the place of the next symbol. */
function drawEntry({ code, step }: CallState, { brush, plain }: Look): BodyLine[] {
  if (plain) return []
  const { text, cursor } = code
  const left = `${MARGIN}${INDENT}`
  const drawGroup = (group: number) =>
    Array.from({ length: 5 }, (_, i) => drawSymbol(text[group * 5 + i], brush)).join(' ')
  const columnOf = (at: number) => left.length + Math.floor(at / 5) * 14 + (at % 5) * 2
  const heading = `${left}${['group 1', 'group 2', 'group 3'].map((each) => each.padEnd(14)).join('')}`
  const symbols = [0, 1, 2].map(drawGroup).join('     ')
  const line = `${left}${symbols}`
  return [
    brush.dim(heading),
    step === 'code' ? { line, cursor: columnOf(Math.min(cursor, 14)) + (cursor > 14 ? 2 : 0) } : line,
  ]
}

/** The code in as few columns as possible: only the groups. */
function drawNarrow({ code: { text, cursor } }: CallState, { brush }: Look): BodyLine {
  const symbols = Array.from({ length: CODE_LENGTH }, (_, i) => drawSymbol(text[i], brush))
  const groups = [0, 5, 10].map((from) => symbols.slice(from, from + 5).join(''))
  return { line: `${MARGIN}${groups.join(' ')}`, cursor: MARGIN.length + cursor + Math.min(2, Math.floor(cursor / 5)) }
}

function drawSymbol(symbol: string | undefined, brush: Look['brush']): string {
  if (symbol === undefined) return brush.dim('_')
  if (symbol === '?') return brush.warn(symbol)
  return symbol <= '9' ? brush.digit(symbol) : brush.letter(symbol)
}
