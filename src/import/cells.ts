/** Reads one cell of an imported file. A bad cell is refused with its column, and a secret is never repeated. */
import { KeydeskError } from '../errors.ts'
import { checkName } from '../term/escape.ts'
import type { ColumnMap } from './columns.ts'

/** Why a cell is refused. `field` is our own name; the caller adds the title of the column. */
export class CellFault extends Error {
  readonly field: string
  readonly reason: string

  constructor(field: string, reason: string, message: string) {
    super(message)
    this.field = field
    this.reason = reason
  }
}

/** Returns the field's cell as `parse` reads it; null if the field has no column, or the cell is empty. */
export type CellReader<F extends string> = <T>(field: F, parse: (cell: string, field: string) => T) => T | null

/** No valid cell is longer than this. */
const LONGEST_CELL = 1000
/** The apostrophe that keydesk and other programs write before text that a spreadsheet would read as a formula. */
const GUARD = /(^|;)'(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])/g

export function createReader<F extends string>(columns: ColumnMap<F>) {
  let cells: readonly string[] = []
  const read: CellReader<F> = (field, parse) => {
    const column = columns[field]
    if (column === null) return null
    const cell = (cells[column.at] as string).trim()
    if (cell === '') return null
    if (cell.length > LONGEST_CELL) throw new CellFault(field, 'long-cell', `longer than ${LONGEST_CELL} characters`)
    return parse(cell.includes("'") ? cell.replace(GUARD, '$1') : cell, field)
  }
  return {
    read,
    turnTo: (row: readonly string[]) => {
      cells = row
    },
  }
}

export function readName(cell: string, field: string): string {
  try {
    return checkName(cell, field)
  } catch (error) {
    throw error instanceof KeydeskError ? new CellFault(field, error.refusal.reason, error.message) : error
  }
}

const SWITCHES: ReadonlyMap<string, boolean> = new Map(
  [true, false].flatMap((value) =>
    (value ? ['yes', 'true', 'on', '1', 'ja', 'oui', 'x'] : ['no', 'false', 'off', '0', 'nein', 'non']).map(
      (word): [string, boolean] => [word, value],
    ),
  ),
)

export function readSwitch(cell: string, field: string): boolean {
  const value = SWITCHES.get(cell.toLowerCase())
  if (value === undefined) throw new CellFault(field, 'bad-value', 'yes or no is expected')
  return value
}
