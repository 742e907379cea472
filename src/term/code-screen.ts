/**
 * A code as it is read out with a headset on: large, in its groups, digits and letters in two colours and, colours or
 * not, every digit underlined; the same code small on a line of its own to copy; its words. The shapes keep apart what
 * is mistaken: 0 has a dot and Q a tail, 5 and Z have corners where S and 2 are round, V comes to a point, and T and Y
 * stand on no foot, with which a T is an I (there is no U, O, I or L).
 */
import type { Paint } from './colour.ts'
import { type SpellingLanguage, spellCode, splitGroups } from './spelling.ts'
import { joinLines, padText } from './width.ts'

/** Half blocks only (▀ ▄ █ ▌ ▐): they are in every console font, and each half is about square. */
const STRIPS = `
01234567
▄▀▀▄  ▄█  ▄▀▀▄ ▄▀▀▄   ▄█ █▀▀▀ ▄▀▀▄ ▀▀▀█
█  █ ▀ █     █    █ ▄▀ █ █▄▄  █      ▄▀
█▐▌█   █   ▄▀   ▀▀▄ █▄▄█    █ █▀▀▄   █
█  █   █  █    ▄  █    █ ▄  █ █  █  █
 ▀▀   ▀▀▀ ▀▀▀▀  ▀▀     ▀  ▀▀   ▀▀   ▀
89ABCDEF
▄▀▀▄ ▄▀▀▄ ▄▀▀▄ █▀▀▄ ▄▀▀▄ █▀▀▄ █▀▀▀ █▀▀▀
█  █ █  █ █  █ █  █ █    █  █ █    █
▄▀▀▄  ▀▀█ █▀▀█ █▀▀▄ █    █  █ █▀▀  █▀▀
█  █ ▄  █ █  █ █  █ █  ▄ █  █ █    █
 ▀▀   ▀▀  ▀  ▀ ▀▀▀   ▀▀  ▀▀▀  ▀▀▀▀ ▀
GHJKMNPQ
▄▀▀▄ █  █    █ █  █ █▄▄█ █  █ █▀▀▄ ▄▀▀▄
█    █  █    █ █ █  █▐▌█ ██ █ █  █ █  █
█ ▀█ █▀▀█    █ █▀▄  █  █ █ ██ █▀▀  █  █
█  █ █  █ █  █ █ ▀▄ █  █ █  █ █    █ ▀█
 ▀▀  ▀  ▀  ▀▀  ▀  ▀ ▀  ▀ ▀  ▀ ▀     ▀▀▄
RSTVWXYZ
█▀▀▄ ▄▀▀▄ ▀██▀ █  █ █  █ █  █ █  █ ▀▀▀█
█  █ █     ▐▌  █  █ █  █ ▀▄▄▀ ▀▄▄▀   ▄▀
█▀█   ▀▀▄  ▐▌  ▐▌▐▌ █▐▌█  ▐▌   ▐▌   ▄▀
█ ▀▄ ▄  █  ▐▌   ██  █▀▀█ ▄▀▀▄  ▐▌  █
▀  ▀  ▀▀        ▀▀  ▀  ▀ ▀  ▀      ▀▀▀▀
`
const ROWS = 5
const COLUMNS = 4
const MARK = '─'
const LEGEND = 'digits are underlined'
const ORDINALS = ['1st', '2nd', '3rd', '4th', '5th', '6th']

/** How symbols are set: large, or one row with more or less air. The first that fits is taken. */
type Setting = { readonly large: boolean; readonly gap: number; readonly groupGap: number }
const SETTINGS: readonly Setting[] = [
  { large: true, gap: 1, groupGap: 3 },
  { large: false, gap: 2, groupGap: 5 },
  { large: false, gap: 1, groupGap: 3 },
]

export type CodeScreen = {
  /** Width of the terminal. 79 and more get the large symbols. */
  readonly columns: number
  /** What the code is: "Confirmation code". */
  readonly caption?: string
  /** The number of its first group, where it is shown by itself; 1 unless told. */
  readonly firstGroup?: number
}

/** The code large, marked, and small to copy, as lines. Throws a RangeError on a symbol outside the alphabet. */
export function renderCode(code: string, paint: Paint, options: CodeScreen): string {
  const groups = splitGroups(code)
  const setting = SETTINGS.find((s) => measureCode(groups, s) <= options.columns) ?? (SETTINGS.at(-1) as Setting)
  return joinLines([
    ...drawHeading(paint, options),
    '',
    ...drawCode(groups, paint, setting, options.firstGroup ?? 1),
    '',
    ` ${code}`,
  ])
}

/** The words of a code, as lines: one a group, and a column a place, as in "group 2, the third". */
export function renderSpelling(code: string, language: SpellingLanguage): string {
  const groups = splitGroups(code)
  const words = spellCode(code, language)
  const width = Math.max(...words.flat().map((word) => word.length)) + 2
  const symbols = Math.max(...groups.map((group) => group.length))
  const drawPlaces = (places: readonly string[]) => places.map((place) => padText(place, width)).join('')
  const heading = `${' '.repeat(symbols + 14)}${drawPlaces(ORDINALS.slice(0, symbols))}`
  const drawLine = (group: string, i: number) =>
    ` group ${i + 1}   ${padText(group, symbols)}   ${drawPlaces(words[i] as string[])}`
  return joinLines([heading, ...groups.map(drawLine)])
}

/** The caption and what the marks mean, side by side where there is room. */
function drawHeading(paint: Paint, { caption, columns }: CodeScreen): string[] {
  if (caption === undefined) return [` ${paint.dim(LEGEND)}`]
  const [name, legend] = [paint.bold(caption), paint.dim(LEGEND)]
  return caption.length + LEGEND.length + 4 <= columns ? [` ${name}   ${legend}`] : [` ${name}`, ` ${legend}`]
}

function measureCode(groups: readonly string[], { large, gap, groupGap }: Setting): number {
  const symbols = groups.join('').length
  return symbols * (large ? COLUMNS : 1) + (symbols - groups.length) * gap + (groups.length - 1) * groupGap + 1
}

/** The rows of a code in one setting, the row of marks under its digits, and the brackets that number its groups. */
function drawCode(groups: readonly string[], paint: Paint, { large, gap, groupGap }: Setting, first: number): string[] {
  const draw = large ? drawLarge : (symbol: string) => [symbol]
  const shapes = groups.map((group) => Array.from(group, (symbol) => drawSymbol(symbol, draw(symbol), paint)))
  const rows = Array.from({ length: large ? ROWS + 1 : 2 }, (_, row) =>
    shapes.map((group) => group.map((shape) => shape[row]).join(' '.repeat(gap))),
  )
  const widths = groups.map((group) => group.length * ((large ? COLUMNS : 1) + gap) - gap)
  const brackets = widths.map((width, i) => paint.dim(drawBracket(first + i, width)))
  return [...rows, brackets].map((row) => ` ${row.join(' '.repeat(groupGap))}`)
}

/** `└─── group 1 ───┘`, or the bare number where there is no room. */
function drawBracket(number: number, width: number): string {
  const label = width < 11 ? ` ${number} ` : ` group ${number} `
  const left = Math.floor((width - label.length) / 2) - 1
  return `└${'─'.repeat(left)}${label}${'─'.repeat(width - label.length - left - 2)}┘`
}

/** One symbol painted, and under it the mark of a digit or the blank of a letter. */
function drawSymbol(symbol: string, shape: readonly string[], paint: Paint): string[] {
  const isDigit = symbol >= '0' && symbol <= '9'
  const brush = isDigit ? paint.digit : paint.letter
  const width = (shape[0] as string).length
  return [...shape.map((row) => brush(row)), isDigit ? brush(MARK.repeat(width)) : ' '.repeat(width)]
}

/** The five rows of a large symbol. */
function drawLarge(symbol: string): string[] {
  const lines = STRIPS.trim().split('\n')
  const strip = lines.findIndex((line, i) => i % (ROWS + 1) === 0 && line.includes(symbol))
  if (strip === -1) throw new RangeError('code: a symbol outside the alphabet')
  const left = (lines[strip] as string).indexOf(symbol) * (COLUMNS + 1)
  const rows = lines.slice(strip + 1, strip + 1 + ROWS)
  return rows.map((row) => row.slice(left, left + COLUMNS).padEnd(COLUMNS))
}
