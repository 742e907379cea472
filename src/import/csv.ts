/**
 * Reads a CSV file as other programs write it.
 * - It may have a byte order mark, any line ends, comma, semicolon or tab between cells, and quotes. It must be UTF-8.
 * - An unreadable line is refused with its number. Its text is never repeated, because it may be a secret.
 */
import { KeydeskError } from '../errors.ts'
import { csvRefusal, requireUtf8, withoutMark } from './csv-text.ts'

/** Gets the cells of one row, and the line where the row begins. Quoted text may span several lines. */
export type CsvRow = (cells: readonly string[], line: number) => void
export type CsvReader = {
  /** Gets the first row. If it throws, the reading ends. */
  readonly heading: (cells: readonly string[]) => void
  readonly row: CsvRow
}

/** A longer line is refused, because its quote was probably never closed. */
const LINE_BYTES = 65_536
const MOST_COLUMNS = 256
const DELIMITERS = [',', ';', '\t'] as const
const LINE_ENDS = ['\r\n', '\n', '\r']

/** Reads the whole file, row by row. Throws a KeydeskError of kind `damaged` if it is not such a file. */
export async function readCsv(file: Uint8Array, { heading, row }: CsvReader): Promise<void> {
  requireUtf8(file)
  const { bytes, delimiter, line: first } = findStart(withoutMark(file))
  const place = createPlace(first)
  let isHeading = true
  const { parse } = await import('csv-parse/sync')
  const on_record = (cells: string[], info: Seen) => {
    const line = place.lineOf(cells, info)
    if (cells.length > MOST_COLUMNS) throw csvRefusal(`it has more than ${MOST_COLUMNS} columns`, line)
    if (isHeading) heading(cells)
    else row(cells, line)
    isHeading = false
    // null makes csv-parse drop the row: a hundred thousand rows are read but not kept in memory.
    return null
  }
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      ...RULES,
      delimiter,
      record_delimiter: findLineEnds(bytes),
      on_record,
    })
  } catch (error) {
    throw describeFault(error, place.next())
  }
  if (isHeading) throw csvRefusal('it has no heading', null)
}

const RULES = {
  skip_empty_lines: true,
  // A quote is an ordinary character inside a cell that does not begin with one: 10" tablet.
  relax_quotes: true,
  relax_column_count: true,
  max_record_size: LINE_BYTES,
}

/** One kind of line end is read a quarter faster than three. A file that mixes them, even in quotes, gets all three. */
function findLineEnds(bytes: Uint8Array): string[] {
  const crlf = countOf(bytes, 13, (at) => bytes[at + 1] === 10)
  const lf = countOf(bytes, 10, () => true)
  if (crlf.all === 0) return ['\n']
  return crlf.all === crlf.such && lf.all === crlf.all ? ['\r\n'] : [...LINE_ENDS]
}

function countOf(bytes: Uint8Array, byte: number, isSuch: (at: number) => boolean): { all: number; such: number } {
  const counts = { all: 0, such: 0 }
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) {
    counts.all++
    if (isSuch(at)) counts.such++
  }
  return counts
}

type Seen = { readonly lines: number; readonly empty_lines: number }

/** Line numbers are counted here, because csv-parse counts a CRLF inside quotes as two lines. */
function createPlace(first: number) {
  let next = first
  let seen: Seen = { lines: 0, empty_lines: 0 }
  return {
    /** The line where the next row begins. After an error, it is the line that could not be read. */
    next: () => next,
    lineOf(cells: readonly string[], { lines, empty_lines }: Seen): number {
      const empty = empty_lines - seen.empty_lines
      const line = next + empty
      const isOne = lines - seen.lines === 1 + empty
      seen = { lines, empty_lines }
      next = line + 1 + (isOne ? 0 : countBreaks(cells))
      return line
    },
  }
}

function countBreaks(cells: readonly string[]): number {
  return cells.reduce((sum, cell) => sum + cell.split(/\r\n|\r|\n/).length - 1, 0)
}

/**
 * Finds the delimiter. Spreadsheets may name it on a first line of its own: `sep=;`. Otherwise it is the one that
 * occurs most often in the heading.
 */
function findStart(bytes: Uint8Array): { bytes: Uint8Array; delimiter: string; line: number } {
  const start = new TextDecoder().decode(bytes.subarray(0, LINE_BYTES))
  const said = /^sep=([,;\t])(\r\n|\r|\n)/.exec(start)
  if (said !== null) return { bytes: bytes.subarray(said[0].length), delimiter: said[1] as string, line: 2 }
  const heading = (/^(?:\s*[\r\n])*([^\r\n]*)/.exec(start)?.[1] ?? '').replace(/"[^"]*"/g, '')
  const count = (delimiter: string) => heading.split(delimiter).length
  const delimiter = DELIMITERS.reduce((best, each) => (count(each) > count(best) ? each : best))
  return { bytes, delimiter, line: 1 }
}

function describeFault(error: unknown, line: number): unknown {
  if (error instanceof KeydeskError) return error
  const { code } = (error ?? {}) as { code?: string }
  if (code === 'CSV_MAX_RECORD_SIZE') return csvRefusal('a line is too long; is a quote open?', line)
  if (code === 'CSV_QUOTE_NOT_CLOSED') return csvRefusal('a quote is never closed', line)
  return code?.startsWith('CSV_') ? csvRefusal('it cannot be read as CSV', line) : error
}
