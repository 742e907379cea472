/**
 * HMAC-SHA-256 (RFC 2104) and HKDF-SHA-256 (RFC 5869), built on the one-shot `hash` of node:crypto.
 * createHmac and hkdfSync of node:crypto take five times as long. They make a garbage-collected object for each key,
 * and a key here is used once.
 */
import { hash } from 'node:crypto'
import { decodeBinary } from './bytes.ts'

const BLOCK_BYTES = 64
export const HASH_BYTES = 32

/** SHA-256, 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return decodeBinary(hash('sha256', message, 'binary'))
}

/** H((key ⊕ opad) ‖ H((key ⊕ ipad) ‖ message)), 32 bytes. */
export function authenticate(key: Uint8Array, message: Uint8Array): Uint8Array {
  const short = key.length > BLOCK_BYTES ? sha256(key) : key
  const length = BLOCK_BYTES + message.length
  const inner = length <= ROOM ? innerRoom.subarray(0, length) : new Uint8Array(length)
  inner.fill(0x36, 0, BLOCK_BYTES)
  outerRoom.fill(0x5c, 0, BLOCK_BYTES)
  for (let i = 0; i < short.length; i++) {
    const byte = short[i] as number
    inner[i] = byte ^ 0x36
    outerRoom[i] = byte ^ 0x5c
  }
  inner.set(message, BLOCK_BYTES)
  outerRoom.set(sha256(inner), BLOCK_BYTES)
  const mac = sha256(outerRoom)
  inner.fill(0)
  outerRoom.fill(0)
  return mac
}
/**
 * Shared buffers, so that most messages need no allocation. Each call fills them with zeros at its end, so no key stays
 * there.
 */
const ROOM = 512
const innerRoom = new Uint8Array(ROOM)
const outerRoom = new Uint8Array(BLOCK_BYTES + HASH_BYTES)

/** HKDF: extract, then expand to `length` bytes. Throws a RangeError unless `length` is 1 to 8,160. */
export function deriveKey(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 1 || length > 255 * HASH_BYTES)
    throw new RangeError('length: 1 to 8160 bytes expected')
  const prk = authenticate(salt, ikm)
  const okm = new Uint8Array(Math.ceil(length / HASH_BYTES) * HASH_BYTES)
  // T(n) = HMAC(PRK, T(n − 1) ‖ info ‖ n); T(0) is empty.
  for (let block = 1, before = 0; (block - 1) * HASH_BYTES < length; block++, before = HASH_BYTES) {
    const at = (block - 1) * HASH_BYTES
    const message = new Uint8Array(before + info.length + 1)
    message.set(okm.subarray(at - before, at))
    message.set(info, before)
    message[before + info.length] = block
    okm.set(authenticate(prk, message), at)
  }
  return okm.subarray(0, length)
}
