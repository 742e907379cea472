/**
 * Bytes as the exchange writes them: big-endian integers, length-prefixed strings, text in NFC.
 * Decoding is exact. Node's own decoders skip characters that they do not understand, so this file checks lengths and
 * alphabets.
 */
import { timingSafeEqual } from 'node:crypto'
import { allotBytes, fillBytes, sumLengths } from './memory.ts'

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws a TypeError that names `what` unless `bytes` is a Uint8Array of exactly `length` bytes. */
export function requireLength(bytes: Uint8Array, length: number, what: string): void {
  if (!(bytes instanceof Uint8Array) || bytes.length !== length)
    throw new TypeError(`${what}: ${length} bytes expected`)
}

/** Throws a RangeError that names `what` unless `value` is an integer in [0, 2^bits). */
export function requireUnsigned(value: number, bits: number, what: string): void {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 2 ** bits) {
    throw new RangeError(`${what}: an unsigned integer of ${bits} bits expected`)
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return fillBytes(new Uint8Array(sumLengths(parts)), parts)
}

function encodeUnsigned(value: number, size: number, what: string): Uint8Array {
  requireUnsigned(value, Math.min(size * 8, 53), what)
  const bytes = new Uint8Array(size)
  let rest = value
  for (let i = size - 1; i >= 0; i--) {
    bytes[i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  return bytes
}

/** encodeU16 and encodeU32 throw a RangeError that names `what` when the value does not fit. */
export const encodeU16 = (value: number, what = 'u16'): Uint8Array => encodeUnsigned(value, 2, what)
export const encodeU32 = (value: number, what = 'u32'): Uint8Array => encodeUnsigned(value, 4, what)
/** Eight bytes. Throws a RangeError above 2^53 − 1, the largest integer that a JavaScript number holds exactly. */
export const encodeU64 = (value: number, what = 'u64'): Uint8Array => encodeUnsigned(value, 8, what)

/** Text as the exchange hashes it: NFC, UTF-8. */
export function encodeText(text: string): Uint8Array {
  // ASCII is always NFC, and its UTF-8 bytes are its character codes.
  const bytes = allotBytes(text.length)
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (character > 0x7f) return utf8.encode(text.normalize('NFC'))
    bytes[i] = character
  }
  return bytes
}

/** Null when the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | null {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return null
  }
}

/** LP(x) = u16 length ‖ x. Throws a RangeError that names `what` above 65,535 bytes. */
export function prefixLength(bytes: Uint8Array, what = 'text'): Uint8Array {
  return concatBytes(encodeU16(bytes.length, `length of ${what}`), bytes)
}

/** first(n, d): the first `bits` bits of a digest, most significant first, as symbols of 5 bits. */
export function takeSymbols(digest: Uint8Array, bits: number): number[] {
  if (bits % 5 !== 0 || bits > digest.length * 8)
    throw new RangeError('bits: a multiple of 5 within the digest expected')
  const symbols: number[] = []
  for (let at = 0; at < bits; at += 5) symbols.push(takeBits(digest, at, 5))
  return symbols
}

/** `count` bits (1 … 16) of `bytes` from bit `from`, most significant first, as a number. */
export function takeBits(bytes: Uint8Array, from: number, count: number): number {
  if (from + count > bytes.length * 8) throw new RangeError('count: bits within the bytes expected')
  const at = from >> 3
  const window = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0)
  return (window >> (24 - (from & 7) - count)) & (2 ** count - 1)
}

/** Compares in constant time. Returns false at once when the lengths differ: a length is not secret here. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/**
 * Bytes of a binary string, one character a byte. node:crypto returns such a string in a third of the time of a buffer.
 */
export function decodeBinary(text: string): Uint8Array {
  const bytes = allotBytes(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/** Lower-case hex of whole bytes: an id or a public key that keydesk itself wrote. */
export type HexId = string & { readonly __hex: 'id' }

export function encodeHex(bytes: Uint8Array): HexId {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex') as HexId
}

/**
 * Null unless every character is a hexadecimal digit and their number is even. Node's decoder would read another
 * character by its low byte.
 */
export function decodeHex(text: HexId): Uint8Array
export function decodeHex(text: string): Uint8Array | null
export function decodeHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0) return null
  const bytes = allotBytes(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const [high, low] = [hexDigit(text.charCodeAt(2 * i)), hexDigit(text.charCodeAt(2 * i + 1))]
    if (high === null || low === null) return null
    bytes[i] = high * 16 + low
  }
  return bytes
}

/** Value of the digit with this character code, in either case. */
function hexDigit(code: number): number | null {
  const lower = code | 0x20
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : null
}

/** Throws a TypeError unless `text` is lower-case hex of whole bytes. */
export function asHexId(text: string): HexId {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new TypeError('id: lower-case hex of whole bytes expected')
  return text as HexId
}

/** The `index`-th id of `bytes` bytes in a row of ids: one call of encodeHex serves a whole import. */
export function pickHexId(ids: HexId, index: number, bytes: number): HexId {
  return ids.slice(index * bytes * 2, (index + 1) * bytes * 2) as HexId
}

/** base64url without padding (RFC 4648 §5). */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** Null unless `text` is the one canonical base64url spelling of some bytes: no padding, no stray bits. */
export function decodeBase64Url(text: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null
  const bytes = new Uint8Array(Buffer.from(text, 'base64url'))
  return encodeBase64Url(bytes) === text ? bytes : null
}
