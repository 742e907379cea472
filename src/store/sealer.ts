/**
 * Seals and opens what the store holds, with the section keys of one operator. Each box is bound to its store, section,
 * generation, collection and id, so a row that was moved, or sealed by somebody without the key, does not open: it is `damaged`.
 */
import { decodeText, encodeHex, encodeU64 } from '../crypto/bytes.ts'
import { NONCE_BYTES, openRecord, type RecordContext, sealRecord } from '../crypto/seal.ts'
import { blindIndex, deriveDigestKey, deriveIndexKey, digestRow, type Section } from '../crypto/section.ts'
import { KeydeskError } from '../errors.ts'
import type { BlindIndex, SealedRow } from './engine.ts'
import { type Keyring, keyOfGeneration, newestKey } from './keyring.ts'

export type Sealer = {
  /** Generation of the directory key that new rows are sealed under. */
  readonly generation: number
  sealListed(collection: string, id: Uint8Array, record: object): Uint8Array
  openListed<T>(collection: string, row: Pick<SealedRow, 'id' | 'generation' | 'listed'>): T
  sealSecret(collection: string, id: Uint8Array, secret: Uint8Array): Uint8Array
  openSecret(collection: string, row: SealedRow): Uint8Array
  index(name: string, value: string): BlindIndex
  /** The row as an element of the store's digest. */
  digest(collection: string, row: SealedRow): Uint8Array
}

/** The id of an audit entry as a record: its sequence. */
export const entryId = (seq: number): Uint8Array => encodeU64(seq)

export function createSealer(keyring: Keyring, storeId: Uint8Array, random: (count: number) => Uint8Array): Sealer {
  const directory = newestKey(keyring, 'directory')
  const indexKey = deriveIndexKey(directory.key, storeId)
  const digestKey = deriveDigestKey(directory.key, storeId)
  const contextOf = (section: Section, generation: number, collection: string, id: Uint8Array): RecordContext => ({
    storeId,
    section,
    generation,
    collection,
    id,
  })

  function open(
    section: Section,
    collection: string,
    id: Uint8Array,
    generation: number,
    sealed: Uint8Array,
  ): Uint8Array {
    const key = keyOfGeneration(keyring, section, generation)
    const record = openRecord(key, sealed, contextOf(section, generation, collection, id))
    if (record === null) throw damagedRecord(collection, id)
    return record
  }

  function seal(section: Section, collection: string, id: Uint8Array, record: Uint8Array): Uint8Array {
    const { key, generation } = newestKey(keyring, section)
    return sealRecord(key, record, contextOf(section, generation, collection, id), random(NONCE_BYTES))
  }

  return {
    generation: directory.generation,
    sealListed: (collection, id, record) =>
      seal('directory', collection, id, new TextEncoder().encode(JSON.stringify(record))),
    openListed: (collection, { id, generation, listed }) =>
      parseRecord(open('directory', collection, id, generation, listed), collection, id),
    sealSecret: (collection, id, secret) => seal('secrets', collection, id, secret),
    openSecret(collection, { id, generation, secret }) {
      if (secret === null) throw damagedRecord(collection, id)
      return open('secrets', collection, id, generation, secret)
    },
    index: (name, value) => ({ name, value: blindIndex(indexKey, name, value) }),
    digest: (collection, { id, listed, secret }) =>
      digestRow(digestKey, collection, id, secret === null ? [listed] : [listed, secret]),
  }
}

/** Only who holds the key can have sealed it, but that may be another program, or a hand. */
function parseRecord<T>(bytes: Uint8Array, collection: string, id: Uint8Array): T {
  try {
    const record: unknown = JSON.parse(decodeText(bytes) ?? '')
    if (typeof record === 'object' && record !== null) return record as T
  } catch {
    // Said below.
  }
  throw damagedRecord(collection, id)
}

export function damagedRecord(collection: string, id: Uint8Array): KeydeskError {
  const message = `a record of the store does not verify (${collection} ${encodeHex(id)})`
  return new KeydeskError(
    'damaged',
    'damaged-record',
    message,
    'find out who could write the file, and what else does not hold (keydesk store verify); then put the newest backup back: keydesk store restore FILE',
  )
}
