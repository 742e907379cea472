/** One cell of a file that is imported: checked, or refused with its column and without being repeated. */
import { KeydeskError } from '../errors.ts'
import { checkName } from '../term/escape.ts'
import type { ColumnMap } from './columns.ts'

/** Why a cell is not taken; `field` is ours, the column's title is added by whoever knows it. */
export class CellFault extends Error {
  readonly field: string
  readonly reason: string

  constructor(field: string, reason: string, message: string) {
    super(message)
    this.field = field
    this.reason = reason
  }
}

/** The field's cell as `parse` reads it; null where there is no column for it, or nothing in it. */
export type CellReader<F extends string> = <T>(field: F, parse: (cell: string, field: string) => T) => T | null

/** A longer cell is none of ours, whatever it is. */
const LONGEST_CELL = 1000
/** Ours, and other programs', write an apostrophe before what a spreadsheet would take for a formula. */
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
