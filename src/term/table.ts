/**
 * Prints rows of cells for people (aligned, never wider than the terminal), for pipes (tab-separated) and for
 * spreadsheets (CSV).
 * - Every cell may be foreign text. It is escaped here, so callers need not escape it.
 * - A cell of a spreadsheet never starts a formula.
 */
import { escapeText } from './escape.ts'
import { displayWidth, fitText, joinLines, padText } from './width.ts'
import { wrapText } from './wrap.ts'

export type Column = {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** The width that the column keeps while other columns can shrink. 4 by default. */
  readonly min?: number
}

const GAP = '  '
const MIN_WIDTH = 4
/**
 * The starts that a spreadsheet takes for a formula, also in full width. `;` separates cells if the decimal sign is a
 * comma.
 */
const FORMULA = /(^|;)(\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/g
const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/

/** A heading and its rows, at most `width` columns wide. The widest columns are cut first, with `…`. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string {
  const heading = columns.map(({ title }) => title.toUpperCase())
  const lines = [heading, ...rows].map((row) => columns.map((_, i) => escapeText(row[i] ?? '')))
  const natural = columns.map((_, i) => measureWidest(lines.map((line) => line[i] as string)))
  const widths = shrinkColumns(columns, natural, width - GAP.length * (columns.length - 1))
  const drawCell = (cell: string, i: number): string => {
    const columnWidth = widths[i] as number
    return padText(fitText(cell, columnWidth), columnWidth, columns[i]?.align)
  }
  return joinLines(lines.map((line) => fitText(line.map(drawCell).join(GAP), width)))
}

function measureWidest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, displayWidth(text)), 0)
}

/**
 * Widths that add up to at most `available`. Each round takes one column from the widest that is above its minimum. If
 * none is, it takes one from the widest of all.
 */
function shrinkColumns(columns: readonly Column[], natural: readonly number[], available: number): number[] {
  const widths = natural.map((width) => Math.min(width, Math.max(available, 1)))
  const floors = columns.map(({ min = MIN_WIDTH }, i) => Math.min(min, widths[i] as number))
  let excess = widths.reduce((sum, width) => sum + width, 0) - available
  for (; excess > 0; excess--) {
    const able = (floor: (i: number) => number) => widths.map((width, i) => (width > floor(i) ? width : 0))
    const preferred = able((i) => floors[i] as number)
    const candidates = preferred.some((width) => width > 0) ? preferred : able(() => 1)
    const widest = candidates.indexOf(Math.max(...candidates))
    if (candidates[widest] === 0) break
    widths[widest] = (widths[widest] as number) - 1
  }
  return widths
}

/** One line per row, with tabs between the cells, also around empty ones: for `cut -f` and `awk`. */
export function renderPlain(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(escapeText).join('\t')}\n`).join('')
}

/**
 * RFC 4180. Every line ends with CRLF, the last one too. A cell that would start a formula gets an apostrophe in front.
 */
export function renderCsv(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, ...rows].map(renderCsvLine).join('')
}

/** One CSV line, for output that is written while it is read. */
export function renderCsvLine(row: readonly string[]): string {
  return `${row.map(quoteCell).join(',')}\r\n`
}

function quoteCell(cell: string): string {
  const text = escapeText(cell.replace(FORMULA, "$1'$2"))
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** One line per label and value, with aligned values: for `show`. With a width, long values are wrapped. */
export function renderFields(fields: readonly (readonly [label: string, value: string])[], width?: number): string {
  const labels = measureWidest(fields.map(([label]) => label))
  const linesOf = (text: string) =>
    width === undefined ? [text] : wrapText(text, Math.max(width - labels - GAP.length, MIN_WIDTH))
  const drawn = fields.flatMap(([label, value]) =>
    linesOf(escapeText(value)).map((line, i) => `${padText(i === 0 ? label : '', labels)}${GAP}${line}`),
  )
  return joinLines(drawn)
}
