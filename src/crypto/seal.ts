/**
 * Sealing with tweetnacl: `secretbox` for records, `box` for keys that are sealed to an operator.
 * - secretbox has no associated data. So each record's key is derived from store, section, generation, collection and
 *   id, and a box that was moved elsewhere does not open.
 * - Only this file imports tweetnacl.
 */
import nacl from 'tweetnacl'
import { concatBytes, encodeText, encodeU32, prefixLength, requireLength } from './bytes.ts'
import { ID_BYTES } from './keys.ts'
import { allotBytes } from './memory.ts'
import { deriveStoreKey } from './section.ts'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
const TAG_BYTES = 16
const VERSION = 1
/** The constant of Salsa20 for keys of 32 bytes. */
const SIGMA = encodeText('expand 32-byte k')

/** The context that all records of one collection are bound to. Each record is also bound to its id. */
export type CollectionContext = {
  readonly storeId: Uint8Array
  readonly section: string
  readonly generation: number
  readonly collection: string
}

/** Functions that tweetnacl exports but its types leave out. */
type LowLevel = {
  /** Writes 32 bytes of HSalsa20 into `out`. */
  crypto_core_hsalsa20(out: Uint8Array, input: Uint8Array, key: Uint8Array, constant: Uint8Array): void
  /** Seals `padded`, which begins with 32 zeros. Writes 16 zeros, then the box, into `out`. */
  crypto_secretbox(out: Uint8Array, padded: Uint8Array, length: number, nonce: Uint8Array, key: Uint8Array): number
  /** Applies XSalsa20 to `length` bytes of `input` and writes them into `out`. */
  crypto_stream_xor(
    out: Uint8Array,
    outAt: number,
    input: Uint8Array,
    inputAt: number,
    length: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  /**
   * Compares Poly1305 of `length` bytes of `message` with the 16 bytes of `tag` in constant time. Returns 0 when they
   * are equal.
   */
  crypto_onetimeauth_verify(
    tag: Uint8Array,
    tagAt: number,
    message: Uint8Array,
    messageAt: number,
    length: number,
    key: Uint8Array,
  ): number
}
const lowlevel = (): LowLevel => (nacl as unknown as { readonly lowlevel: LowLevel }).lowlevel

/** secretbox: XSalsa20-Poly1305, 16 bytes longer than the message. */
export function sealBox(key: Uint8Array, message: Uint8Array, nonce: Uint8Array): Uint8Array {
  return sealAfter(0, key, message, nonce)
}

/** Like sealBox, with `before` zero bytes in front of the box. */
function sealAfter(before: number, key: Uint8Array, message: Uint8Array, nonce: Uint8Array): Uint8Array {
  requireLength(key, KEY_BYTES, 'key')
  requireLength(nonce, NONCE_BYTES, 'nonce')
  const length = KEY_BYTES + message.length
  const [padded, sealed] = length <= ROOM ? rooms : [new Uint8Array(length), new Uint8Array(length)]
  padded.set(message, KEY_BYTES)
  lowlevel().crypto_secretbox(sealed, padded, length, nonce, key)
  padded.fill(0, KEY_BYTES, length)
  const whole = allotBytes(before + TAG_BYTES + message.length)
  whole.set(sealed.subarray(KEY_BYTES - TAG_BYTES, length), before)
  return whole
}
/**
 * Shared buffers, large enough for most records, so that sealing allocates none. The first holds 32 zeros and the
 * message, as `secretbox` expects it. The second receives the sealed bytes.
 */
const ROOM = 1_024
const rooms: readonly [Uint8Array, Uint8Array] = [new Uint8Array(ROOM), new Uint8Array(ROOM)]

/**
 * Null when the box does not verify under this key and nonce. The first 32 bytes of the key stream are the key of the
 * tag, and the rest decrypts the message. The key stream is made once; `secretbox.open` makes its beginning twice. The
 * message is returned only after its tag was verified.
 */
export function openBox(key: Uint8Array, box: Uint8Array, nonce: Uint8Array): Uint8Array | null {
  requireLength(key, KEY_BYTES, 'key')
  requireLength(nonce, NONCE_BYTES, 'nonce')
  if (box.length < TAG_BYTES) return null
  const length = box.length - TAG_BYTES
  const padded = KEY_BYTES + length <= ROOM ? rooms[0] : new Uint8Array(KEY_BYTES + length)
  padded.set(box.subarray(TAG_BYTES), KEY_BYTES)
  const opened = allotBytes(KEY_BYTES + length)
  const { crypto_stream_xor, crypto_onetimeauth_verify } = lowlevel()
  crypto_stream_xor(opened, 0, padded, 0, opened.length, nonce, key)
  const isWhole = crypto_onetimeauth_verify(box, 0, box, TAG_BYTES, length, opened) === 0
  return isWhole ? opened.subarray(KEY_BYTES) : null
}

/** HKDF(section key, store id, "keydesk/store/1/records" ‖ LP(section) ‖ u32 generation ‖ LP(collection), 32). */
export function deriveCollectionKey(sectionKey: Uint8Array, context: CollectionContext): Uint8Array {
  const info = concatBytes(
    encodeText('keydesk/store/1/records'),
    prefixLength(encodeText(context.section), 'section'),
    encodeU32(context.generation, 'generation'),
    prefixLength(encodeText(context.collection), 'collection'),
  )
  return deriveStoreKey(sectionKey, context.storeId, info)
}

/**
 * HSalsa20(collection key, id): the step by which XSalsa20 makes a key from a key and 16 bytes (Bernstein, "Extending
 * the Salsa20 nonce", 2011). It takes a fortieth of the time of HKDF, and a listing derives a hundred thousand keys.
 */
function deriveRecordKey(collectionKey: Uint8Array, id: Uint8Array): Uint8Array {
  requireLength(collectionKey, KEY_BYTES, 'collection key')
  requireLength(id, ID_BYTES, 'id')
  const key = new Uint8Array(KEY_BYTES)
  lowlevel().crypto_core_hsalsa20(key, id, collectionKey, SIGMA)
  return key
}

/**
 * 01 ‖ nonce ‖ box, under the record's own key. The nonce must be 24 random bytes, because a record is sealed many
 * times.
 */
export function sealRecord(
  collectionKey: Uint8Array,
  record: Uint8Array,
  id: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const sealed = sealAfter(1 + NONCE_BYTES, deriveRecordKey(collectionKey, id), record, nonce)
  sealed[0] = VERSION
  sealed.set(nonce, 1)
  return sealed
}

/** Null unless `sealed` is the record with this id, sealed under this collection's key. */
export function openRecord(collectionKey: Uint8Array, sealed: Uint8Array, id: Uint8Array): Uint8Array | null {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  return openBox(deriveRecordKey(collectionKey, id), sealed.subarray(1 + NONCE_BYTES), nonce)
}

/** An X25519 key pair from 32 secret random bytes. */
export function deriveBoxKeys(secretKey: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } {
  return nacl.box.keyPair.fromSecretKey(secretKey)
}

/**
 * Seals `message` to an operator's X25519 key: 01 ‖ ephemeral public key ‖ nonce ‖ box.
 * - Sealing does not prove a sender, because anyone can do it. The signed record that holds the result names the
 *   sender.
 * - Throws a TypeError on a public key of small order: everybody knows the key of a box that is sealed to it (RFC 7748
 *   §6.1).
 */
export function sealToOperator(
  publicKey: Uint8Array,
  message: Uint8Array,
  ephemeralSecret: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const ephemeral = deriveBoxKeys(ephemeralSecret)
  if (nacl.scalarMult(ephemeralSecret, publicKey).every((byte) => byte === 0))
    throw new TypeError('public key: small order')
  return concatBytes(
    Uint8Array.of(VERSION),
    ephemeral.publicKey,
    nonce,
    nacl.box(message, nonce, publicKey, ephemeral.secretKey),
  )
}

/**
 * Null when the bytes were not sealed to this key, or were changed. X25519 ignores the last bit of the ephemeral key,
 * so a set bit is refused here.
 */
export function openAsOperator(secretKey: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < 1 + KEY_BYTES + NONCE_BYTES + TAG_BYTES || sealed[0] !== VERSION) return null
  const ephemeral = sealed.subarray(1, 1 + KEY_BYTES)
  if ((ephemeral[KEY_BYTES - 1] as number) & 0x80) return null
  const nonce = sealed.subarray(1 + KEY_BYTES, 1 + KEY_BYTES + NONCE_BYTES)
  return nacl.box.open(sealed.subarray(1 + KEY_BYTES + NONCE_BYTES), nonce, ephemeral, secretKey)
}
