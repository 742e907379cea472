/** The engine's contract on one SQLite connection: one transaction at a time, each in the file that stands at its path. */
import type { DatabaseSync } from 'node:sqlite'
import { toSqliteError } from '../../files/errors.ts'
import type { FileIdentity } from '../../files/same-file.ts'
import type { Commit, Engine, Snapshot } from '../engine.ts'
import { PreparedStatements } from './statements.ts'
import { Transaction } from './transaction.ts'

/**
 * At once the only writer: a reader that turned writer could not be told that its snapshot is old. The cache is what a large commit keeps in memory
 * before it writes ahead of its end, taken as it is needed; who only reads would fill it with a whole fleet.
 */
const BEGIN_COMMIT = 'PRAGMA cache_size = -12288; BEGIN IMMEDIATE'

export class SqliteEngine implements Engine {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #file: FileIdentity
  readonly #statements: PreparedStatements
  /** One piece of work at a time on one connection. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(db: DatabaseSync, path: string, file: FileIdentity) {
    this.#db = db
    this.#statements = new PreparedStatements(db)
    this.#path = path
    this.#file = file
  }

  read<T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> {
    return this.#inTurn('BEGIN', work)
  }

  commit<T>(work: (commit: Commit) => Promise<T>): Promise<T> {
    return this.#inTurn(BEGIN_COMMIT, work)
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined)
    this.#db.close()
  }

  #inTurn<T>(begin: string, work: (commit: Commit) => Promise<T>): Promise<T> {
    const mine = this.#turn.catch(() => undefined).then(() => this.#transact(begin, work))
    this.#turn = mine
    return mine
  }

  async #transact<T>(begin: string, work: (commit: Commit) => Promise<T>): Promise<T> {
    const transaction = new Transaction(this.#db, this.#statements, this.#path)
    try {
      // Before: a file that was moved away would take the journal of the one in its place for its own, and play it back.
      this.#file.requireSameFile()
      this.#db.exec(begin)
      // And after: who waited for the lock of a file that was replaced meanwhile would write where nobody looks.
      this.#file.requireSameFile()
      const result = await work(transaction)
      transaction.end()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      transaction.end()
      // SQLite itself rolls back on a full disk; then there is no transaction left to end.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      throw toSqliteError(error, this.#path)
    }
  }
}
