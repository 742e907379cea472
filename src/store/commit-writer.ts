/** What is being written in one commit: its rows, with the digest of all rows kept in step. */
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
  /** null in a store that is being created. */
  readonly roster: OpenedRoster | null
}

export class CommitWriter {
  readonly commit: Commit
  readonly keys: OperatorKeys
  readonly random: (count: number) => Uint8Array
  /** These change with new keys, and with each statement. */
  keyring: Keyring
  sealer: Sealer
  roster: Roster | null
  #digest: Uint8Array
  /** Elements of the digest that are still to be taken out of it, and to be added. */
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

  /** Adds the row, or puts it in the place of the one with its id. */
  async put(collection: string, row: SealedRow): Promise<void> {
    await this.replace(collection, await this.commit.getRow(collection, row.id), row)
  }

  /** The same where the row that is there was looked up already; null where there is none. */
  async replace(collection: string, before: SealedRow | null, row: SealedRow): Promise<void> {
    this.#exchange(this.#elements(collection, before), this.#elements(collection, row))
    await this.commit.putRow(collection, row)
  }

  /** Adds new rows; `digest` is what all of them add to the store's. Which were added: there may be one with its id. */
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

  /** The digest of all rows as they stand now. */
  sumUp(): Uint8Array {
    this.#digest = updateDigest(this.#digest, this.#removed, this.#added)
    this.#removed = []
    this.#added = []
    return this.#digest
  }

  /** Everything was sealed anew, and reckoned from nothing. */
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
    // In batches, so that memory does not grow with what is written.
    if (this.#removed.length + this.#added.length >= BATCH) this.sumUp()
  }
}
