/**
 * Sealing with tweetnacl: `secretbox` for records, `box` for keys sealed to an operator. secretbox has no associated data,
 * so a record's key is derived from all that it must not be torn from (store, section, generation, collection, id): a box
 * moved elsewhere does not open. Only this file speaks to tweetnacl.
 */
import nacl from 'tweetnacl'
import { concatBytes, encodeText, encodeU32, prefixLength, requireLength } from './bytes.ts'
import { deriveStoreKey } from './section.ts'

export const KEY_BYTES = 32
export const NONCE_BYTES = 24
const VERSION = 1

/** Everything that a sealed record is bound to. */
export type RecordContext = {
  readonly storeId: Uint8Array
  readonly section: string
  readonly generation: number
  readonly collection: string
  readonly id: Uint8Array
}

/** secretbox: XSalsa20-Poly1305, 16 bytes longer than the message. */
export function sealBox(key: Uint8Array, message: Uint8Array, nonce: Uint8Array): Uint8Array {
  return nacl.secretbox(message, nonce, key)
}

/** Null when the box does not verify under this key and nonce. */
export function openBox(key: Uint8Array, box: Uint8Array, nonce: Uint8Array): Uint8Array | null {
  return nacl.secretbox.open(box, nonce, key)
}

function deriveRecordKey(sectionKey: Uint8Array, context: RecordContext): Uint8Array {
  const info = concatBytes(
    encodeText('keydesk/store/1/record'),
    prefixLength(encodeText(context.section), 'section'),
    encodeU32(context.generation, 'generation'),
    prefixLength(encodeText(context.collection), 'collection'),
    prefixLength(context.id, 'id'),
  )
  return deriveStoreKey(sectionKey, context.storeId, info)
}

/** 01 ‖ nonce ‖ box, under a key of this record's own. The nonce is 24 random bytes: a record is sealed many times. */
export function sealRecord(
  sectionKey: Uint8Array,
  record: Uint8Array,
  context: RecordContext,
  nonce: Uint8Array,
): Uint8Array {
  requireLength(nonce, NONCE_BYTES, 'nonce')
  return concatBytes(Uint8Array.of(VERSION), nonce, sealBox(deriveRecordKey(sectionKey, context), record, nonce))
}

/** Null when it is not the record that the context names, sealed under this section key. */
export function openRecord(sectionKey: Uint8Array, sealed: Uint8Array, context: RecordContext): Uint8Array | null {
  if (sealed.length < 1 + NONCE_BYTES + 16 || sealed[0] !== VERSION) return null
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  return openBox(deriveRecordKey(sectionKey, context), sealed.subarray(1 + NONCE_BYTES), nonce)
}

/** An X25519 key pair from 32 secret random bytes. */
export function deriveBoxKeys(secretKey: Uint8Array): { publicKey: Uint8Array; secretKey: Uint8Array } {
  return nacl.box.keyPair.fromSecretKey(secretKey)
}

/**
 * Seals `message` to an operator's X25519 key: 01 ‖ ephemeral public key ‖ nonce ‖ box. Anyone can make one; who the
 * key comes from is said by the signed record that holds it. Throws a TypeError on a public key of small order: what is
 * sealed to it has a key that everybody knows (RFC 7748 §6.1).
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

/** Null when it was not sealed to this key, or was changed: X25519 ignores the ephemeral key's last bit, so that is checked. */
export function openAsOperator(secretKey: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length < 1 + KEY_BYTES + NONCE_BYTES + 16 || sealed[0] !== VERSION) return null
  const ephemeral = sealed.subarray(1, 1 + KEY_BYTES)
  if ((ephemeral[KEY_BYTES - 1] as number) & 0x80) return null
  const nonce = sealed.subarray(1 + KEY_BYTES, 1 + KEY_BYTES + NONCE_BYTES)
  return nacl.box.open(sealed.subarray(1 + KEY_BYTES + NONCE_BYTES), nonce, ephemeral, secretKey)
}
