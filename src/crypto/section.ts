/**
 * Section keys. A role can read the sections whose keys it holds. Each section key derives one key for its blind
 * indexes and one for its digest. Neither derived key opens a record.
 */
import { hash } from 'node:crypto'
import { decodeBinary, encodeText, prefixLength, requireLength, requireUnsigned } from './bytes.ts'
import { deriveKey } from './hmac.ts'
import { gatherBytes } from './memory.ts'

/**
 * - `directory`: devices, users, the roster and the audit log.
 * - `secrets`: secrets of devices and of authenticator apps.
 * - `admin`: nothing yet.
 */
export const SECTIONS = ['directory', 'secrets', 'admin'] as const
export type Section = (typeof SECTIONS)[number]

export const STORE_ID_BYTES = 16
export const INDEX_BYTES = 16
/**
 * 2,048 bits. With a sum of 256 bits, an attacker could exchange k rows undetected for 2^(256 ÷ (1 + log₂ k)) work
 * (Wagner 2002).
 */
export const DIGEST_BYTES = 256

/**
 * HKDF(section key, salt = store id, info, 32 bytes). Every key of the store comes from here, each with its own `info`.
 */
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
 * SHAKE256(index key ‖ LP(name) ‖ value), 16 bytes. A record is found under this keyed hash without its value being
 * written. An index reveals only which values are equal.
 */
export function blindIndex(indexKey: Uint8Array, name: string, value: string): Uint8Array {
  requireLength(indexKey, 32, 'index key')
  return squeeze(gatherBytes(indexKey, prefixLength(encodeText(name), 'name'), encodeText(value)), INDEX_BYTES)
}

/** SHAKE256. A sponge is not open to length extension, so a hash whose input starts with a key is a MAC. */
function squeeze(message: Uint8Array, outputLength: number): Uint8Array {
  return decodeBinary(hash('shake256', message, { outputLength, outputEncoding: 'binary' }))
}

/** The key of the store's digest. */
export function deriveDigestKey(sectionKey: Uint8Array, storeId: Uint8Array): Uint8Array {
  return deriveStoreKey(sectionKey, storeId, encodeText('keydesk/store/1/digest'))
}

/**
 * One stored row as an element of the digest: SHAKE256(digest key ‖ LP(collection) ‖ LP(id) ‖ sealed bytes), 256 bytes.
 * Each sealed part follows its length in decimal and a colon.
 */
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
 * The digest after some rows were removed and others were added: the sum of all rows' elements modulo 2^2048. This is a
 * keyed multiset hash, after MSet-Add-Hash of Clarke et al. 2003.
 * - The cost depends on the changed rows, not on the size of the store.
 * - A row that was deleted, doubled or put back from an older copy makes the sum wrong.
 */
export function updateDigest(
  digest: Uint8Array,
  removed: readonly Uint8Array[],
  added: readonly Uint8Array[],
): Uint8Array {
  requireLength(digest, DIGEST_BYTES, 'digest')
  requireUnsigned(removed.length + added.length, 20, 'rows')
  // Each sum is exact in a double: fewer than 2^21 words of 32 bits stay below 2^53.
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

/** Carries from the last word to the first. The carry out of the first word is dropped: the sum is modulo 2^2048. */
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
