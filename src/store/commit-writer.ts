/** Writes the rows of one commit, and keeps the digest of all rows up to date. */
import { updateDigest } from '../crypto/section.ts'
import type { Roster } from '../desk/records/roster.ts'
import type { Commit, SealedRow } from './engine.ts'
import type { Keyring, OperatorKeys } from './keyring.ts'
import type { OpenedRoster } from './roster.ts'
import type { Sealer } from './sealer.ts'

const BATCH = 256

export type WriterKeys = {
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly sealer: Sealer
  /** Null while the store is being created. */
  readonly roster: OpenedRoster | null
}

export class CommitWriter {
  readonly commit: Commit
  readonly keys: OperatorKeys
  readonly random: (count: number) => Uint8Array
  /**
   * These three change during a commit: the keyring and the sealer with new section keys, the roster with each
   * statement.
   */
  keyring: Keyring
  sealer: Sealer
  roster: Roster | null
  #digest: Uint8Array
  /** Digest elements of rows: those still to be subtracted from the digest, and those still to be added to it. */
  #removed: Uint8Array[] = []
  #added: Uint8Array[] = []

  constructor(commit: Commit, writer: WriterKeys, digest: Uint8Array, random: (count: number) => Uint8Array) {
    this.commit = commit
    this.keys = writer.keys
    this.random = random
    this.keyring = writer.keyring
    this.sealer = writer.sealer
    this.roster = writer.roster?.roster ?? null
    this.#digest = digest
  }

  /** Inserts the row, or replaces the row with the same id. */
  async put(collection: string, row: SealedRow): Promise<void> {
    await this.replace(collection, await this.commit.getRow(collection, row.id), row)
  }

  /** Like `put`, for a caller that has already read the old row: `before` is that row, or null if there is none. */
  async replace(collection: string, before: SealedRow | null, row: SealedRow): Promise<void> {
    this.#exchange(this.#elements(collection, before), this.#elements(collection, row))
    await this.commit.putRow(collection, row)
  }

  /**
   * Adds new rows. `digest` is the sum of the digest elements of all these rows. Resolves to a list that says for each
   * row whether it was added: a row whose id exists already is not.
   */
  async add(collection: string, rows: readonly SealedRow[], digest: Uint8Array): Promise<readonly boolean[]> {
    const added = await this.commit.addRows(collection, rows)
    const left = rows.filter((_, i) => added[i] !== true)
    this.#exchange(
      left.flatMap((row) => this.#elements(collection, row)),
      [digest],
    )
    return added
  }

  async delete(collection: string, id: Uint8Array): Promise<void> {
    this.#exchange(this.#elements(collection, await this.commit.getRow(collection, id)), [])
    await this.commit.deleteRow(collection, id)
  }

  /** Applies all pending elements and returns the digest of all rows as they are now. */
  sumUp(): Uint8Array {
    this.#digest = updateDigest(this.#digest, this.#removed, this.#added)
    this.#removed = []
    this.#added = []
    return this.#digest
  }

  /**
   * Sets the digest after every row was sealed again. `digest` was computed from the new rows, so pending elements are
   * dropped.
   */
  restart(digest: Uint8Array): void {
    this.sumUp()
    this.#digest = digest
  }

  #elements(collection: string, row: SealedRow | null): Uint8Array[] {
    return row === null ? [] : [this.sealer.digest(collection, row)]
  }

  #exchange(before: readonly Uint8Array[], after: readonly Uint8Array[]): void {
    this.#removed.push(...before)
    this.#added.push(...after)
    // Summed up in batches: memory then does not grow with the number of rows.
    if (this.#removed.length + this.#added.length >= BATCH) this.sumUp()
  }
}
