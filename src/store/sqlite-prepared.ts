/** The statements of one SQLite connection. Each gives its rows as arrays, which are made faster than objects. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

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
