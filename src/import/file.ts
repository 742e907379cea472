/**
 * Reads the file of an import into rows. First it shows the chosen columns. Then each line becomes a row, or a fault
 * with line number and column.
 */
import { statSync } from 'node:fs'
import type { DeskGlobals } from '../console/globals.ts'
import { readFile, refuseSharedStdin, tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { LineFault } from '../desk/import/rows.ts'
import { KeydeskError } from '../errors.ts'
import { passphraseFile } from '../session/passphrase.ts'
import { CellFault, type CellReader, createReader } from './cells.ts'
import { type ColumnMap, chooseColumns, type ImportField, listTitles, requireTitles, tellColumns } from './columns.ts'
import { readCsv } from './csv.ts'

export type ImportOptions = DeskGlobals & {
  readonly map?: readonly string[]
  readonly dryRun?: boolean
  readonly ndjson?: boolean
}
export type ImportFile<R, F extends string> = {
  readonly rows: readonly R[]
  readonly faults: readonly LineFault[]
  readonly columns: ColumnMap<F>
}
export type RowKind<R, F extends string> = {
  readonly fields: readonly ImportField<F>[]
  readonly readRow: (read: CellReader<F>, line: number) => R
}

/** Throws `usage` if the file cannot be read or has no column of users, and `damaged` if it is not CSV. */
export async function readImport<R, F extends string>(
  context: Context,
  options: ImportOptions,
  file: string,
  { fields, readRow }: RowKind<R, F | 'user'>,
): Promise<ImportFile<R, F | 'user'>> {
  refuseSharedStdin({ FILE: file, '--passphrase-file': passphraseFile(context, options)?.file })
  const rows: R[] = []
  const faults: LineFault[] = []
  let titles: readonly string[] = []
  let columns: ColumnMap<F | 'user'> | undefined
  let cells: ReturnType<typeof createReader<F | 'user'>> | undefined
  await readCsv(readBytes(context, file), {
    heading(found) {
      titles = found.map((title) => title.trim())
      requireTitles(titles)
      columns = chooseColumns(titles, fields, options.map ?? [])
      requireUser(columns, titles)
      tellColumns(context, options, titles, columns)
      warnOfReaders(context, options, file, columns)
      cells = createReader(columns)
    },
    row(row, line) {
      const fault = findWidthFault(row, line, titles.length)
      if (fault !== null) return void faults.push(fault)
      cells?.turnTo(row)
      try {
        rows.push(readRow(cells?.read as CellReader<F | 'user'>, line))
      } catch (error) {
        faults.push(toFault(error, line, columns as ColumnMap<string>))
      }
    },
  })
  return { rows, faults, columns: columns as ColumnMap<F | 'user'> }
}

function readBytes({ io }: Context, file: string): Uint8Array {
  return file === '-' ? new TextEncoder().encode(io.readInput()) : readFile(file, file)
}

function requireUser(columns: ColumnMap<'user'>, titles: readonly string[]): void {
  if (columns.user !== null) return
  const hint = `say which it is: --map user=COLUMN; the columns are ${listTitles(titles)}`
  throw new KeydeskError('usage', 'no-user-column', 'no column says whose device it is', hint)
}

/** Anyone who can read a file with secrets could open every device in it. */
function warnOfReaders(context: Context, options: DeskGlobals, file: string, columns: ColumnMap<string>): void {
  if (!columns['secret'] || file === '-' || context.places.uid === null) return
  if ((statSync(file).mode & 0o044) !== 0)
    tell(
      context,
      options,
      `warning: the file holds secrets, and others can read it: chmod 600 it, and delete it afterwards`,
    )
}

/** A row may have more cells than the heading has titles only if the extra cells are empty. */
function findWidthFault(cells: readonly string[], line: number, width: number): LineFault | null {
  const isWhole = cells.length === width || (cells.length > width && cells.slice(width).every((cell) => cell === ''))
  if (isWhole) return null
  const message = `it has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the heading ${width}`
  return { line, column: null, reason: 'bad-width', message }
}

function toFault(error: unknown, line: number, columns: ColumnMap<string>): LineFault {
  if (!(error instanceof CellFault)) throw error
  return { line, column: columns[error.field]?.title ?? null, reason: error.reason, message: error.message }
}
