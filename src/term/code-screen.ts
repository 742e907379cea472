/**
 * The screen of a code that an operator reads out.
 * - The code is large, in its groups. Digits and letters have two colours. Every digit is underlined, even without
 *   colours.
 * - The same code follows in ordinary size on a line of its own, for copying. Its words follow after it.
 * - The shapes distinguish similar symbols: 0 has a dot and Q a tail; 5 and Z have corners, S and 2 are round; V ends
 *   in a point. T and Y have no foot: a T with a foot would look like an I.
 * - Codes contain no U, O, I or L.
 */
import type { Paint } from './colour.ts'
import { type SpellingLanguage, spellCode, splitGroups } from './spelling.ts'
import { joinLines, padText } from './width.ts'

/** Half blocks only (▀ ▄ █ ▌ ▐): every console font has them, and each half is nearly square. */
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

/** The sizes of a code: large, or in one row with wider or narrower gaps. The first size that fits is used. */
type Setting = { readonly large: boolean; readonly gap: number; readonly groupGap: number }
const SETTINGS: readonly Setting[] = [
  { large: true, gap: 1, groupGap: 3 },
  { large: false, gap: 2, groupGap: 5 },
  { large: false, gap: 1, groupGap: 3 },
]

export type CodeScreen = {
  /** Width of the terminal in columns. Large symbols need at least 79. */
  readonly columns: number
  /** The name of the code, for example "Confirmation code". */
  readonly caption?: string
  /** The number of the first group, if a group is shown by itself. 1 by default. */
  readonly firstGroup?: number
}

/**
 * The code as lines: large with its marks, then in ordinary size for copying. Throws a RangeError on a symbol outside
 * the alphabet.
 */
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

/** The words of a code as lines: one line per group, one column per place ("group 2, the third"). */
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

/** The caption and the legend, on one line if they fit. */
function drawHeading(paint: Paint, { caption, columns }: CodeScreen): string[] {
  if (caption === undefined) return [` ${paint.dim(LEGEND)}`]
  const [name, legend] = [paint.bold(caption), paint.dim(LEGEND)]
  return caption.length + LEGEND.length + 4 <= columns ? [` ${name}   ${legend}`] : [` ${name}`, ` ${legend}`]
}

function measureCode(groups: readonly string[], { large, gap, groupGap }: Setting): number {
  const symbols = groups.join('').length
  return symbols * (large ? COLUMNS : 1) + (symbols - groups.length) * gap + (groups.length - 1) * groupGap + 1
}

/** The rows of a code in one size, with the marks under its digits and the numbered brackets of its groups. */
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

/** `└─── group 1 ───┘`, or only the number if the width is small. */
function drawBracket(number: number, width: number): string {
  const label = width < 11 ? ` ${number} ` : ` group ${number} `
  const left = Math.floor((width - label.length) / 2) - 1
  return `└${'─'.repeat(left)}${label}${'─'.repeat(width - label.length - left - 2)}┘`
}

/** One painted symbol. The row below it has a mark for a digit, and blanks for a letter. */
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
