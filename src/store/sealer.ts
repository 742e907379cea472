/**
 * Seals and opens the rows of a store with the section keys of one operator. Each box is bound to its store, section,
 * generation, collection and id. A row that was moved, or was sealed without the key, does not open: it is `damaged`.
 */
import { concatBytes, decodeText, encodeHex, encodeU64 } from '../crypto/bytes.ts'
import { deriveCollectionKey, NONCE_BYTES, openRecord, sealRecord } from '../crypto/seal.ts'
import { blindIndex, deriveDigestKey, deriveIndexKey, digestRow, type Section } from '../crypto/section.ts'
import { KeydeskError } from '../errors.ts'
import type { BlindIndex, SealedRow } from './engine.ts'
import { type Keyring, keyOfGeneration, newestKey } from './keyring.ts'
import { readRecordText, writeRecordText } from './record-text.ts'

/** The keys that a sealer is created from; they can be sent to a worker thread. */
export type SealerKeys = { readonly keyring: Keyring; readonly storeId: Uint8Array }

export type Sealer = {
  readonly keys: SealerKeys
  /** Generation of the directory key that new rows are sealed under. */
  readonly generation: number
  sealListed(collection: string, id: Uint8Array, record: object): Uint8Array
  openListed<T>(collection: string, row: Pick<SealedRow, 'id' | 'generation' | 'listed'>): T
  /**
   * `sealListed` and `openListed` in two steps, for a worker thread: it seals and opens the text, and needs no fields
   * of the record.
   */
  sealText(collection: string, id: Uint8Array, text: Uint8Array): Uint8Array
  openText(collection: string, row: Pick<SealedRow, 'id' | 'generation' | 'listed'>): Uint8Array
  readText<T>(collection: string, id: Uint8Array, text: Uint8Array): T
  sealSecret(collection: string, id: Uint8Array, secret: Uint8Array): Uint8Array
  openSecret(collection: string, row: SealedRow): Uint8Array
  index(name: string, value: string): BlindIndex
  /** The row as an element of the store's digest, 256 bytes. */
  digest(collection: string, row: SealedRow): Uint8Array
}

/** The id of an audit entry as a record: 16 bytes, the seq in the last 8. */
export const entryId = (seq: number): Uint8Array => concatBytes(new Uint8Array(8), encodeU64(seq))

export function createSealer(keyring: Keyring, storeId: Uint8Array, random: (count: number) => Uint8Array): Sealer {
  const directory = newestKey(keyring, 'directory')
  const indexKey = deriveIndexKey(directory.key, storeId)
  const digestKey = deriveDigestKey(directory.key, storeId)
  const keyOf = holdCollectionKeys(keyring, storeId)
  const drawNonce = drawInBatches(random, NONCE_BYTES)

  function open(
    section: Section,
    collection: string,
    id: Uint8Array,
    generation: number,
    sealed: Uint8Array,
  ): Uint8Array {
    const record = openRecord(keyOf(section, generation, collection), sealed, id)
    if (record === null) throw damagedRecord(collection, id)
    return record
  }

  function seal(section: Section, collection: string, id: Uint8Array, record: Uint8Array): Uint8Array {
    const { generation } = newestKey(keyring, section)
    return sealRecord(keyOf(section, generation, collection), record, id, drawNonce())
  }

  const sealText = (collection: string, id: Uint8Array, text: Uint8Array) => seal('directory', collection, id, text)

  const openText: Sealer['openText'] = (collection, { id, generation, listed }) =>
    open('directory', collection, id, generation, listed)

  /**
   * Caches the last record: a decision opens it, and the commit that replaces it then opens the very same row again.
   */
  let last: { readonly row: object; readonly record: unknown } | null = null
  function openListed<T>(collection: string, row: Pick<SealedRow, 'id' | 'generation' | 'listed'>): T {
    if (last?.row !== row) last = { row, record: parseRecord(collection, row.id, openText(collection, row)) }
    return last.record as T
  }

  return {
    keys: { keyring, storeId },
    generation: directory.generation,
    sealText,
    openText,
    readText: parseRecord,
    sealListed: (collection, id, record) => sealText(collection, id, Buffer.from(writeRecordText(collection, record))),
    openListed,
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

/** Derives the key of a collection when it is first needed, and caches it. */
function holdCollectionKeys(keyring: Keyring, storeId: Uint8Array) {
  const held = new Map<string, Uint8Array>()
  return (section: Section, generation: number, collection: string): Uint8Array => {
    const name = `${section}/${generation}/${collection}`
    const known = held.get(name)
    if (known !== undefined) return known
    const sectionKey = keyOfGeneration(keyring, section, generation)
    const key = deriveCollectionKey(sectionKey, { storeId, section, generation, collection })
    held.set(name, key)
    return key
  }
}

/**
 * Draws random values in batches, which costs a tenth. This is safe for nonces: they are not secret, and each is
 * returned once.
 */
function drawInBatches(random: (count: number) => Uint8Array, size: number): () => Uint8Array {
  let batch: Uint8Array = new Uint8Array(0)
  let used = 0
  return () => {
    if (used === batch.length) {
      batch = random(size * NONCES_A_BATCH)
      used = 0
    }
    used += size
    return batch.subarray(used - size, used)
  }
}
const NONCES_A_BATCH = 32

/** Throws `damaged` unless the text is a record. Another program that has the key may have sealed something else. */
function parseRecord<T>(collection: string, id: Uint8Array, text: Uint8Array): T {
  try {
    const record = readRecordText(collection, id, decodeText(text) ?? '')
    if (record !== null) return record as T
  } catch {
    // Thrown below.
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

export function missingRows(collection: string): KeydeskError {
  const message = `rows of the store are missing (${collection})`
  return new KeydeskError('damaged', 'damaged-record', message, 'keydesk store verify')
}
