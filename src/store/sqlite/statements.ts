/**
 * The SQL statements of a transaction. Each statement finds its rows by an index, or reads the table in the order in
 * which they were added.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export const ROWS = 'SELECT r.id, r.generation, r.listed, r.secret FROM record r'
/**
 * CROSS JOIN makes SQLite start from the index, whatever its planner estimates. The other order would read every row.
 */
export const FOUND =
  'SELECT r.id, r.generation, r.listed, r.secret FROM blind b CROSS JOIN record r ON r.collection = b.collection AND r.id = b.id WHERE b.collection = ? AND b.name = ? AND b.value = ? ORDER BY b.id'
export const SCAN = `${ROWS} NOT INDEXED WHERE collection = ? ORDER BY rowid`
export const BATCH =
  'SELECT id, generation, listed, rowid FROM record NOT INDEXED WHERE collection = ? AND rowid > ? ORDER BY rowid LIMIT ?'
export const COUNT = 'SELECT count(*) AS rows FROM record INDEXED BY sqlite_autoindex_record_1 WHERE collection = ?'
export const PUT =
  'INSERT INTO record VALUES (?, ?, ?, ?, ?) ON CONFLICT (collection, id) DO UPDATE SET generation = excluded.generation, listed = excluded.listed, secret = excluded.secret'
/** 16 rows in one statement: passing a statement to SQLite costs as much as its work for one row. */
const TOGETHER = 16
const times = (count: number, row: string) => new Array(count).fill(row).join(', ')
// OR IGNORE: the count of changes shows ignored rows. With any other conflict clause, SQLite first saves each page that
// such a statement changes.
const addRows = (count: number) => `INSERT OR IGNORE INTO record VALUES ${times(count, '(?, ?, ?, ?, ?)')}`
const putIndexes = (count: number) => `INSERT OR IGNORE INTO blind VALUES ${times(count, '(?, ?, ?, ?)')}`
export const ADD = { one: addRows(1), many: addRows(TOGETHER) }
export const PUT_INDEX = {
  one: 'INSERT INTO blind VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
  many: putIndexes(TOGETHER),
}
export const APPEND = 'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)'

/** Yields batches of 16, and then the rest one by one. */
export function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  const whole = all.length - (all.length % TOGETHER)
  for (let at = 0; at < whole; at += TOGETHER) yield all.slice(at, at + TOGETHER)
  for (const one of all.slice(whole)) yield [one]
}

/**
 * Caches the prepared statements of one connection. Rows come as arrays, because SQLite makes these faster than
 * objects.
 */
export class PreparedStatements {
  readonly #db: DatabaseSync
  readonly #known = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /** Returns a cached statement, for a caller that reads all of its rows at once. */
  get(sql: string): StatementSync {
    const known = this.#known.get(sql)
    if (known !== undefined) return known
    const statement = this.prepare(sql)
    this.#known.set(sql, statement)
    return statement
  }

  /** Prepares a statement for this caller alone, for a scan: another scan may start while this one is half-way. */
  prepare(sql: string): StatementSync {
    const statement = this.#db.prepare(sql)
    statement.setReturnArrays(true)
    return statement
  }
}
