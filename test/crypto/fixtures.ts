/**
 * Shared by the tests of the core: bytes in hex, and the vectors as they are checked in.
 * The shared vectors are copied into `test/vectors/shared`, because a user's clone has no originals beside it.
 * `shared-vectors.test.ts` compares the copies with the originals.
 */
import { readFileSync } from 'node:fs'
import { parseSpoken, type SpokenCode, type SpokenKind } from '../../src/crypto/spoken.ts'

export const VECTORS = new URL('../vectors/', import.meta.url)
export const SHARED_NAMES = ['codes', 'invitations', 'pins', 'slots', 'spoken'] as const

/** Decodes hex; throws on anything else. Independent of `decodeHex`: no vector is read by the code that it tests. */
export function hex(digits: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`not hex: ${digits}`)
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

export const toHex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
/** `length` bytes: from, from + 1, … */
export const counting = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i)
export const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)

/** A copy in which bit `bit` of byte `at` is flipped. */
export function flipBit(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const changed = Uint8Array.from(bytes)
  changed[at] = (changed[at] as number) ^ (1 << bit)
  return changed
}

/** A product in GF(32) by long multiplication and reduction, without tables. */
export function multiplySlowly(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 5; bit++) if ((b >> bit) & 1) product ^= a << bit
  for (let bit = 8; bit >= 5; bit--) if ((product >> bit) & 1) product ^= 0b100101 << (bit - 5)
  return product
}

export function sharedVectors<T>(name: (typeof SHARED_NAMES)[number]): T[] {
  return JSON.parse(readFileSync(new URL(`shared/${name}.json`, VECTORS), 'utf8')).vectors
}

/** Parses a code that must be valid; throws if it is not. */
export function codeOf<K extends SpokenKind>(text: string, kind: K): SpokenCode<K> {
  const parsed = parseSpoken(text, kind)
  if (!parsed.ok) throw new Error(`not a ${kind} code: ${text}`)
  return parsed.code
}

export type CodeVector = {
  secret: string
  id: string
  tag: number
  epoch: number
  resetKey: string
  confirmKey: string
  resetMac: string
  resetCode: string
  confirmationCode: string
  deskWordNumbers: [number, number]
}
export type SlotVector = {
  kind: 'password' | 'recovery' | 'enrolment'
  logN: number
  p: string
  ctx: string
  salt?: string
  payload?: string
  slot: string
  expect: 'ok' | 'malformed' | 'wrong' | 'damaged'
}
export type SpokenVector = {
  input: string
  kind: SpokenKind
  expect: 'ok' | 'mistyped'
  normal?: string
  wrongAt?: number
  shouldBe?: string
  badCharacterAt?: number
}
export type PinVector = { secret: string; id: string; user: string; minute: number; audience: 1 | 2; pin: string }
export type InvitationVector = {
  invitation: string
  enrolmentCode: string
  secret: string
  id: string
  tag: number
  organisation: string
  user: string
  pinAllowed: boolean
}

/** All codes of the shared vectors: real codes of every kind. */
export function realCodes(): { code: string; kind: SpokenKind }[] {
  const codes = sharedVectors<CodeVector>('codes')
  return [
    ...codes.map((v) => ({ code: v.resetCode, kind: 'reset' as const })),
    ...codes.map((v) => ({ code: v.confirmationCode, kind: 'confirm' as const })),
    ...sharedVectors<InvitationVector>('invitations').map((v) => ({ code: v.enrolmentCode, kind: 'enrol' as const })),
  ]
}
