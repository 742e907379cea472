/**
 * Section keys: what a role can read hangs on the keys it holds. From each section key come the key of its blind indexes and
 * the key of its digest, so that neither says anything about the records themselves.
 */
import { hash } from 'node:crypto'
import { concatBytes, encodeText, prefixLength, requireLength } from './bytes.ts'
import { authenticate, deriveKey } from './keys.ts'

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

/** A keyed hash under which a value is found without being written: equal values give equal indexes, and that is all. */
export function blindIndex(indexKey: Uint8Array, name: string, value: string): Uint8Array {
  const message = concatBytes(prefixLength(encodeText(name), 'name'), encodeText(value))
  return authenticate(indexKey, message).subarray(0, INDEX_BYTES)
}

/** The key of the store's digest. */
export function deriveDigestKey(sectionKey: Uint8Array, storeId: Uint8Array): Uint8Array {
  return deriveStoreKey(sectionKey, storeId, encodeText('keydesk/store/1/digest'))
}

/**
 * One stored row as an element of the digest: SHAKE256(digest key ‖ its place ‖ its sealed bytes), 256 bytes. A sponge that starts with
 * the key is a MAC: nothing can be appended to what it has squeezed out.
 */
export function digestRow(
  digestKey: Uint8Array,
  collection: string,
  id: Uint8Array,
  sealed: readonly Uint8Array[],
): Uint8Array {
  requireLength(digestKey, 32, 'digest key')
  const parts = sealed.flatMap((bytes) => [encodeText(`${bytes.length}:`), bytes])
  const place = [prefixLength(encodeText(collection), 'collection'), prefixLength(id, 'id')]
  const options = { outputLength: DIGEST_BYTES, outputEncoding: 'buffer' } as const
  return hash('shake256', concatBytes(digestKey, ...place, ...parts), options)
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
  let sum = toInteger(digest)
  for (const row of removed) sum -= toInteger(row)
  for (const row of added) sum += toInteger(row)
  return fromInteger(BigInt.asUintN(DIGEST_BYTES * 8, sum))
}

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const fromInteger = (value: bigint): Uint8Array =>
  new Uint8Array(Buffer.from(value.toString(16).padStart(DIGEST_BYTES * 2, '0'), 'hex'))
