/** Implements the engine on one SQLite connection: one transaction at a time, each on the file that the path names. */
import type { DatabaseSync } from 'node:sqlite'
import { toSqliteError } from '../../files/errors.ts'
import type { FileIdentity } from '../../files/same-file.ts'
import type { Commit, Engine, Snapshot } from '../engine.ts'
import { PreparedStatements } from './statements.ts'
import { Transaction } from './transaction.ts'

/**
 * How a commit begins.
 * - IMMEDIATE takes the write lock at once. A reader that became a writer later could not learn that its snapshot is
 *   old.
 * - cache_size = -12288 allows a cache of 12 MiB, allocated as needed. So a large commit stays in memory and is written
 *   at its end.
 * - BEGIN alone does not raise the cache size: a scan would fill the cache with a whole fleet.
 */
const BEGIN_COMMIT = 'PRAGMA cache_size = -12288; BEGIN IMMEDIATE'

export class SqliteEngine implements Engine {
  readonly #db: DatabaseSync
  readonly #path: string
  readonly #file: FileIdentity
  readonly #statements: PreparedStatements
  /** The last piece of work on this connection; the next one waits for it. */
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
      // Before BEGIN: if our file was moved away, SQLite would take the journal of the file now at this path for ours,
      // and replay it.
      this.#file.requireSameFile()
      this.#db.exec(begin)
      // After BEGIN: the file may have been replaced while we waited for its lock. A write would then go to a file that
      // nobody reads.
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
