/**
 * An authenticator app for tests: it shows the codes that any phone shows for a key that was typed into it. It shares
 * no code with the desk.
 */
import { createHmac } from 'node:crypto'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** Decodes the base32 key to bytes. Spaces in it are ignored. */
function decodeKey(key: string): Buffer {
  const bits = Array.from(key.replaceAll(' ', ''), (letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0'))
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)))
}

/** The six digits that the app shows at `nowMs`, or `steps` steps of 30 s later (RFC 6238). */
export function showCode(key: string, nowMs: number, steps = 0): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / 30_000) + steps))
  const mac = createHmac('sha1', decodeKey(key)).update(counter).digest()
  const at = (mac.at(-1) as number) & 15
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Six digits that are the code of none of the 400 steps around `nowMs`. */
export function showNoCode(key: string, nowMs: number): string {
  const codes = new Set(Array.from({ length: 400 }, (_, i) => showCode(key, nowMs, i - 200)))
  return Array.from({ length: 1000 }, (_, i) => String(i).padStart(6, '0')).find((code) => !codes.has(code)) as string
}
