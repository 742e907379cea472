/** What is being written in one commit: its rows, with the digest of all rows kept in step. */
import { updateDigest } from '../crypto/section.ts'
import type { Roster } from '../desk/roster.ts'
import type { Commit, SealedRow } from './engine.ts'
import type { Keyring, OperatorKeys } from './keyring.ts'
import type { OpenedRoster } from './roster.ts'
import type { Sealer } from './sealer.ts'

export type Writer = {
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly sealer: Sealer
  /** null in a store that is being created. */
  readonly roster: OpenedRoster | null
}

export class Writing {
  readonly commit: Commit
  readonly keys: OperatorKeys
  readonly random: (count: number) => Uint8Array
  /** These change with new keys, and with each statement. */
  keyring: Keyring
  sealer: Sealer
  roster: Roster | null
  digest: Uint8Array

  constructor(commit: Commit, writer: Writer, digest: Uint8Array, random: (count: number) => Uint8Array) {
    this.commit = commit
    this.keys = writer.keys
    this.random = random
    this.keyring = writer.keyring
    this.sealer = writer.sealer
    this.roster = writer.roster?.roster ?? null
    this.digest = digest
  }

  /** Adds the row, or puts it in the place of the one with its id. */
  async put(collection: string, row: SealedRow): Promise<void> {
    await this.#exchange(collection, row.id, [this.sealer.digest(collection, row)])
    await this.commit.putRow(collection, row)
  }

  async delete(collection: string, id: Uint8Array): Promise<void> {
    await this.#exchange(collection, id, [])
    await this.commit.deleteRow(collection, id)
  }

  async #exchange(collection: string, id: Uint8Array, added: Uint8Array[]): Promise<void> {
    const before = await this.commit.getRow(collection, id)
    const removed = before === null ? [] : [this.sealer.digest(collection, before)]
    this.digest = updateDigest(this.digest, removed, added)
  }
}
