/**
 * Reports what an import did, or would do.
 * - Each line of the file gets a line of the report if that was asked for. The counts come last.
 * - Refused lines are reported with number and column: the first ones to a person, all of them in JSON.
 */
import { tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import { type LineFault, SHOWN_FAULTS } from '../desk/import/rows.ts'
import { KeydeskError } from '../errors.ts'
import { printAnswer, printNdjson } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { type ColumnMap, columnsJson } from './columns.ts'
import type { ImportOptions } from './file.ts'

/** The result for one line of the file, for people and for scripts. */
export type ReportLine = {
  readonly line: number
  readonly action: 'add' | 'change' | 'unchanged' | 'retired' | 'refuse'
  readonly [field: string]: unknown
}
export type Report = {
  readonly columns: ColumnMap<string>
  readonly counts: object
  readonly auditSeq: number | null
  /** Called only if the lines are shown. */
  readonly lines: () => Iterable<ReportLine>
  /** The last line for a person. */
  readonly summary: string
  readonly more?: object
}

export async function printReport(context: Context, options: ImportOptions, report: Report): Promise<void> {
  const { io } = context
  const { columns, counts, auditSeq, lines, summary, more } = report
  if (options.ndjson) return printNdjson(io, lines())
  const dryRun = options.dryRun === true
  const json = { ...counts, ...more, dryRun, columns: columnsJson(columns), auditSeq }
  await printAnswer(io, options, {
    json: options.json && dryRun ? { ...json, plan: [...lines()] } : json,
    screen: () => `${dryRun ? renderLines(lines()) : ''}${summary}\n`,
  })
}

function renderLines(lines: Iterable<ReportLine>): string {
  return Array.from(lines, (line) => `${describeLine(line)}\n`).join('')
}

function describeLine({ line, action, user, name, fields, column, message }: ReportLine): string {
  if (action === 'refuse') return `line ${line}: refuse: ${describeWhy(column as string | null, String(message))}`
  const whom = name === undefined ? String(user) : `${name} of ${user}`
  const what = action === 'retired' ? 'leave alone, it is retired:' : action
  const told = (fields ?? []) as readonly string[]
  return `line ${line}: ${what} ${escapeText(whom)}${told.length === 0 ? '' : ` (${told.join(', ')})`}`
}

const describeWhy = (column: string | null, message: string): string =>
  escapeText(column === null ? message : `column '${column}': ${message}`)

export const refusedLine = ({ line, column, reason, message }: LineFault): ReportLine => ({
  ...{ line, action: 'refuse', column, reason, message },
})

/** Prints the refused lines before the error, unless a dry run has printed them already. */
export function tellRefused(context: Context, options: ImportOptions, error: unknown): void {
  if (!(error instanceof KeydeskError) || error.refusal.reason !== 'refused-lines' || options.dryRun) return
  const { refused } = error.refusal.details as { refused: readonly LineFault[] }
  // If one line alone is refused, the error itself says why.
  if (refused.length === 1) return
  for (const { line, column, message } of refused.slice(0, SHOWN_FAULTS))
    tell(context, options, `line ${line}: ${describeWhy(column, message)}`)
  if (refused.length > SHOWN_FAULTS) tell(context, options, `and ${refused.length - SHOWN_FAULTS} more`)
}

/** Sums up a plan or an import. `parts` are its counts. */
export function describeCounts(
  parts: readonly string[],
  isRehearsal: boolean,
  isIdle: boolean,
  refused: number,
): string {
  const counts = [...parts, ...(refused === 0 ? [] : [`${refused} refused`])].join(', ')
  if (isRehearsal && refused > 0) return `Nothing was written, nor would it be before all lines will do: ${counts}.`
  if (isRehearsal) return `Nothing was written. It would be: ${counts}.`
  return isIdle ? `Nothing was changed: ${counts}.` : `Imported: ${counts}.`
}

/** `3 devices`, `1 device`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
