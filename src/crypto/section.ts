/**
 * Section keys: what a role can read hangs on the keys it holds. From each section key come the key of its blind indexes and
 * the key of its digest, so that neither says anything about the records themselves.
 */
import { hash } from 'node:crypto'
import { decodeBinary, encodeText, gatherBytes, prefixLength, requireLength, requireUnsigned } from './bytes.ts'
import { deriveKey } from './hmac.ts'

/** `directory`: who and what; `secrets`: device secrets; `admin`: policy and operators. */
export const SECTIONS = ['directory', 'secrets', 'admin'] as const
export type Section = (typeof SECTIONS)[number]

export const STORE_ID_BYTES = 16
export const INDEX_BYTES = 16
/** 2,048 bits: a sum of 256 would let k rows be exchanged unseen for 2^(256 ÷ (1 + log₂ k)) work (Wagner 2002). */
export const DIGEST_BYTES = 256

/** HKDF(section key, salt = store id, info, 32 bytes): every key of the store comes from here, each with an `info` of its own. */
export function deriveStoreKey(sectionKey: Uint8Array, storeId: Uint8Array, info: Uint8Array): Uint8Array {
  requireLength(sectionKey, 32, 'section key')
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  return deriveKey(sectionKey, storeId, info, 32)
}

/** The key that blinds the indexes of a section. */
export function deriveIndexKey(sectionKey: Uint8Array, storeId: Uint8Array): Uint8Array {
  return deriveStoreKey(sectionKey, storeId, encodeText('keydesk/store/1/index'))
}

/**
 * SHAKE256(index key ‖ LP(name) ‖ value), 16 bytes: a keyed hash under which a value is found without being written. Equal values give equal
 * indexes, and that is all.
 */
export function blindIndex(indexKey: Uint8Array, name: string, value: string): Uint8Array {
  requireLength(indexKey, 32, 'index key')
  return squeeze(gatherBytes(indexKey, prefixLength(encodeText(name), 'name'), encodeText(value)), INDEX_BYTES)
}

/** A sponge that starts with a key is a MAC: nothing can be appended to what it has squeezed out. */
function squeeze(message: Uint8Array, outputLength: number): Uint8Array {
  return decodeBinary(hash('shake256', message, { outputLength, outputEncoding: 'binary' }))
}

/** The key of the store's digest. */
export function deriveDigestKey(sectionKey: Uint8Array, storeId: Uint8Array): Uint8Array {
  return deriveStoreKey(sectionKey, storeId, encodeText('keydesk/store/1/digest'))
}

/** One stored row as an element of the digest: SHAKE256(digest key ‖ its place ‖ its sealed bytes), 256 bytes. */
export function digestRow(
  digestKey: Uint8Array,
  collection: string,
  id: Uint8Array,
  sealed: readonly Uint8Array[],
): Uint8Array {
  requireLength(digestKey, 32, 'digest key')
  const parts = sealed.flatMap((bytes) => [Buffer.from(`${bytes.length}:`), bytes])
  const place = [prefixLength(Buffer.from(collection), 'collection'), prefixLength(id, 'id')]
  return squeeze(gatherBytes(digestKey, ...place, ...parts), DIGEST_BYTES)
}

/**
 * The digest after some rows left and others came: the sum of all rows' elements modulo 2^2048 (a keyed multiset hash,
 * after MSet-Add-Hash of Clarke et al. 2003). It costs the same at ten rows and at a million, and a row that was
 * deleted, doubled or put back from an older copy makes the sum wrong.
 */
export function updateDigest(
  digest: Uint8Array,
  removed: readonly Uint8Array[],
  added: readonly Uint8Array[],
): Uint8Array {
  requireLength(digest, DIGEST_BYTES, 'digest')
  requireUnsigned(removed.length + added.length, 20, 'rows')
  // Sums of words of 32 bits: exact, for there are fewer than 2^21 of them.
  const sums = new Float64Array(DIGEST_WORDS)
  for (const row of removed) addWords(sums, row, -1)
  for (const row of [digest, ...added]) addWords(sums, row, 1)
  return carryWords(sums)
}

const DIGEST_WORDS = DIGEST_BYTES / 4

function addWords(sums: Float64Array, row: Uint8Array, sign: 1 | -1): void {
  requireLength(row, DIGEST_BYTES, 'row')
  const words = new DataView(row.buffer, row.byteOffset, DIGEST_BYTES)
  for (let i = 0; i < DIGEST_WORDS; i++) sums[i] = (sums[i] as number) + sign * words.getUint32(i * 4)
}

/** From the last word to the first; what is carried out of the first is lost, for that is modulo 2^2048. */
function carryWords(sums: Float64Array): Uint8Array {
  const whole = new DataView(new ArrayBuffer(DIGEST_BYTES))
  let carry = 0
  for (let i = DIGEST_WORDS - 1; i >= 0; i--) {
    const word = (sums[i] as number) + carry
    carry = Math.floor(word / 2 ** 32)
    whole.setUint32(i * 4, word - carry * 2 ** 32)
  }
  return new Uint8Array(whole.buffer)
}
