/**
 * Checks every row and every blind index of a store, and computes the digest of all rows.
 * - Each row must open in its place.
 * - The indexes must be exactly those that the records need.
 * - Secrets that the operator's keys do not open are only counted.
 */
import { encodeHex } from '../../crypto/bytes.ts'
import { DIGEST_BYTES, updateDigest } from '../../crypto/section.ts'
import { KeydeskError } from '../../errors.ts'
import { COLLECTIONS, type Sealing } from '../collections.ts'
import type { BlindIndex, SealedRow, StoredIndex } from '../engine.ts'
import { indexedValues } from '../records.ts'
import type { Sealer } from '../sealer.ts'
import type { FaultList } from './faults.ts'

export type RowCounts = {
  readonly rows: number
  readonly indexes: number
  readonly secrets: number
  /** Secrets that the operator's role has no key for. */
  readonly secretsNotOpened: number
  /**
   * Each keyring is sealed to one operator. Opening the desk opened the operator's own; the others cannot be opened.
   */
  readonly keyrings: number
}

/** Digest elements are added in batches: each call of `updateDigest` converts 2,048 bits into numbers and back. */
const BATCH = 256

export class RowSurvey {
  readonly #faults: FaultList
  readonly #holdsSecrets: boolean
  /** Indexes that records need and that were not found yet. */
  readonly #awaited = new Set<string>()
  /** Index values that a record already has. */
  readonly #taken = new Set<string>()
  /** Rows that did not open: it is unknown which indexes they need. */
  readonly #unopened = new Set<string>()
  readonly #counts = { rows: 0, indexes: 0, secrets: 0, secretsNotOpened: 0, keyrings: 0 }
  #batch: Uint8Array[] = []
  #digest: Uint8Array = new Uint8Array(DIGEST_BYTES)

  constructor(faults: FaultList, holdsSecrets: boolean) {
    this.#faults = faults
    this.#holdsSecrets = holdsSecrets
  }

  counts(): RowCounts {
    return this.#counts
  }

  /** The digest of all rows that were added. */
  sumUp(): Uint8Array {
    this.#digest = updateDigest(this.#digest, [], this.#batch)
    this.#batch = []
    return this.#digest
  }

  addRow(sealer: Sealer, collection: string, row: SealedRow): void {
    this.#counts.rows++
    this.#batch.push(sealer.digest(collection, row))
    if (this.#batch.length === BATCH) this.sumUp()
    const sealing = sealingOf(collection)
    if (sealing === null) {
      this.#faults.add('foreign-row', `${nameRow(collection, row.id)} is none of keydesk's`)
      return
    }
    this.#checkSecret(sealer, collection, row, sealing.secret)
    if (sealing.listed === 'operator') this.#counts.keyrings++
    else this.#checkListed(sealer, collection, row)
  }

  /** Checks off an index. If no record needs it, it leads to a wrong record and is a fault. */
  addIndex({ collection, id, ...index }: StoredIndex): void {
    this.#counts.indexes++
    const row = nameRow(collection, id)
    if (this.#awaited.delete(keyOf(collection, id, index)) || this.#unopened.has(row)) return
    this.#faults.add('extra-index', `an index (${index.name}) points to ${row}, which does not ask for it`)
  }

  /** Reports each missing index: its record cannot be found by its tag or name. */
  end(): void {
    for (const key of this.#awaited) {
      const [collection, id, name] = key.split('/')
      this.#faults.add('missing-index', `${collection} ${id} cannot be found by its ${name}: the index is missing`)
    }
  }

  #checkListed(sealer: Sealer, collection: string, row: SealedRow): void {
    const name = nameRow(collection, row.id)
    const record = attempt(() => sealer.openListed<Record<string, unknown>>(collection, row))
    const values = record === null ? null : attempt(() => indexedValues(collection, record))
    if (record === null || values === null) {
      this.#unopened.add(name)
      this.#faults.add('row', `${name} does not open: it was changed, or belongs elsewhere`)
      return
    }
    for (const [field, value] of values) this.#await(collection, row.id, sealer.index(field, value))
  }

  #await(collection: string, id: Uint8Array, index: BlindIndex): void {
    const value = `${collection}/${index.name}/${encodeHex(index.value)}`
    if (this.#taken.has(value))
      this.#faults.add('doubled', `${nameRow(collection, id)} has the ${index.name} of another ${collection}`)
    this.#taken.add(value)
    this.#awaited.add(keyOf(collection, id, index))
  }

  #checkSecret(sealer: Sealer, collection: string, row: SealedRow, wanted: Sealing['secret']): void {
    const name = nameRow(collection, row.id)
    if (row.secret === null) {
      if (wanted === 'always') this.#faults.add('secret', `${name} has lost its secret`)
      return
    }
    if (!this.#holdsSecrets) this.#counts.secretsNotOpened++
    else this.#counts.secrets++
    if (wanted === 'never') this.#faults.add('secret', `${name} has a secret, and no use for one`)
    else if (this.#holdsSecrets && attempt(() => sealer.openSecret(collection, row)) === null)
      this.#faults.add('secret', `the secret of ${name} does not open: it was changed, or is another's`)
  }
}

/** Null for a collection that this version of keydesk does not have. */
function sealingOf(collection: string): Sealing | null {
  return Object.hasOwn(COLLECTIONS, collection) ? (COLLECTIONS[collection] as Sealing) : null
}

const nameRow = (collection: string, id: Uint8Array): string => `${collection} ${encodeHex(id)}`
const keyOf = (collection: string, id: Uint8Array, { name, value }: BlindIndex): string =>
  `${collection}/${encodeHex(id)}/${name}/${encodeHex(value)}`

/** Null if `open` throws because a row does not open, or because its record lacks a field (a TypeError). */
function attempt<T>(open: () => T): T | null {
  try {
    return open()
  } catch (error) {
    if (error instanceof KeydeskError || error instanceof TypeError) return null
    throw error
  }
}
