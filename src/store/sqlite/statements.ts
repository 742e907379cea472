/** What a transaction says to SQLite: each statement goes to its rows by an index, or by the table in the order in which they were added. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export const ROWS = 'SELECT r.id, r.generation, r.listed, r.secret FROM record r'
/** From the index to the rows, whatever the planner thinks: the other way round it would look at every row. */
export const FOUND =
  'SELECT r.id, r.generation, r.listed, r.secret FROM blind b CROSS JOIN record r ON r.collection = b.collection AND r.id = b.id WHERE b.collection = ? AND b.name = ? AND b.value = ? ORDER BY b.id'
export const SCAN = `${ROWS} NOT INDEXED WHERE collection = ? ORDER BY rowid`
export const BATCH =
  'SELECT id, generation, listed, rowid FROM record NOT INDEXED WHERE collection = ? AND rowid > ? ORDER BY rowid LIMIT ?'
export const COUNT = 'SELECT count(*) AS rows FROM record INDEXED BY sqlite_autoindex_record_1 WHERE collection = ?'
export const PUT =
  'INSERT INTO record VALUES (?, ?, ?, ?, ?) ON CONFLICT (collection, id) DO UPDATE SET generation = excluded.generation, listed = excluded.listed, secret = excluded.secret'
/** So many in a statement: handing one over costs as much as what it does. */
const TOGETHER = 16
const times = (count: number, row: string) => new Array(count).fill(row).join(', ')
// What is ignored is found by the count. Any other answer to a conflict has SQLite note down each page before such a statement changes it.
const addRows = (count: number) => `INSERT OR IGNORE INTO record VALUES ${times(count, '(?, ?, ?, ?, ?)')}`
const putIndexes = (count: number) => `INSERT OR IGNORE INTO blind VALUES ${times(count, '(?, ?, ?, ?)')}`
export const ADD = { one: addRows(1), many: addRows(TOGETHER) }
export const PUT_INDEX = {
  one: 'INSERT INTO blind VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  many: putIndexes(TOGETHER),
}
export const APPEND = 'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)'

/** As many together as a statement takes, and the rest one by one. */
export function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  const whole = all.length - (all.length % TOGETHER)
  for (let at = 0; at < whole; at += TOGETHER) yield all.slice(at, at + TOGETHER)
  for (const one of all.slice(whole)) yield [one]
}

/** The prepared statements of one connection. Each gives its rows as arrays, because SQLite makes these faster than objects. */
export class PreparedStatements {
  readonly #db: DatabaseSync
  readonly #known = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Prepared once, for who takes all of its rows at once. */
  get(sql: string): StatementSync {
    const known = this.#known.get(sql)
    if (known !== undefined) return known
    const statement = this.prepare(sql)
    this.#known.set(sql, statement)
    return statement
  }

  /** One of the caller's own: a scan stands half-way in it while another may run. */
  prepare(sql: string): StatementSync {
    const statement = this.#db.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
}
