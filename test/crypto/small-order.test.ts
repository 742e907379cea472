/**
 * Keys of small order, under which anyone can sign.
 * OpenSSL 3.0.19 accepts such keys; OpenSSL 3.5.8 (in Node 24.21) does not.
 * So Node's verify is replaced here by that of tweetnacl, which accepts them.
 * The forged signatures must still be refused.
 */
import type { KeyObject } from 'node:crypto'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test, vi } from 'vitest'
import {
  createVerifier,
  derivePublicKey,
  hasSmallOrder,
  signMessage,
  verifyMessage,
} from '../../src/crypto/signature.ts'
import { counting, flipBit, hex, toHex, utf8 } from './fixtures.ts'

vi.mock('node:crypto', async (original) => ({
  ...(await original<typeof import('node:crypto')>()),
  verify: (
    _: null,
    message: Uint8Array,
    key: KeyObject,
    signature: Uint8Array,
    done?: (error: null, holds: boolean) => void,
  ): boolean => {
    const publicKey = Uint8Array.from(key.export({ format: 'der', type: 'spki' }).subarray(12))
    const holds = nacl.sign.detached.verify(Uint8Array.from(message), Uint8Array.from(signature), publicKey)
    done?.(null, holds)
    return holds
  },
}))

const LABEL = 'keydesk/audit/1'
const labelled = (message: Uint8Array) => Uint8Array.from(Buffer.concat([utf8(`${LABEL}\0`), message]))
/**
 * S = 0 and R = the neutral point.
 * The signature is valid if the hash is a multiple of the key's order: for at least one message in 8.
 */
const FORGED = Uint8Array.of(1, ...new Uint8Array(63))
const MESSAGES = Array.from({ length: 64 }, (_, i) => utf8(`nobody signed this ${i}`))

/** Edwards 25519 over big integers: slow and short. It finds every point of small order without a list. */
const p = 2n ** 255n - 19n
const mod = (n: bigint) => ((n % p) + p) % p
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n
  for (let b = mod(base), e = exponent; e > 0n; b = (b * b) % p, e >>= 1n) if (e & 1n) result = (result * b) % p
  return result
}
const inverse = (n: bigint) => power(n, p - 2n)
const d = mod(-121665n * inverse(121666n))
type Point = { x: bigint; y: bigint }
const NEUTRAL: Point = { x: 0n, y: 1n }
const add = (a: Point, b: Point): Point => {
  const product = mod(d * a.x * b.x * a.y * b.y)
  return {
    x: mod((a.x * b.y + b.x * a.y) * inverse(1n + product)),
    y: mod((a.y * b.y + a.x * b.x) * inverse(1n - product + p)),
  }
}
const times = (n: bigint, point: Point): Point => {
  let sum = NEUTRAL
  for (let q = point, e = n; e > 0n; q = add(q, q), e >>= 1n) if (e & 1n) sum = add(sum, q)
  return sum
}
/** The point with this y, or null if there is none: x² = (y² − 1) ÷ (d·y² + 1), and p = 5 (mod 8). */
const lift = (y: bigint): Point | null => {
  const square = mod((y * y - 1n) * inverse(d * y * y + 1n))
  let x = power(square, (p + 3n) / 8n)
  if (mod(x * x - square) !== 0n) x = mod(x * power(2n, (p - 1n) / 4n))
  return mod(x * x - square) === 0n ? { x, y } : null
}

/** All eight points whose order divides 8: the multiples of some point times the order of the large subgroup. */
function smallPoints(): Point[] {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  for (let y = 2n; ; y++) {
    const point = lift(y)
    if (point === null) continue
    const small = times(order, point)
    const multiples = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((n) => times(n, small))
    if (new Set(multiples.map(({ x, y: v }) => `${x} ${v}`)).size === 8) return multiples
  }
}

/** Every encoding of these points: y, and y + p if it fits into 255 bits, each with both values of the sign bit. */
const ENCODINGS = [...new Set(smallPoints().map(({ y }) => y))]
  .flatMap((y) => [y, y + p])
  .filter((y) => y < 2n ** 255n)
  .flatMap((y) => [y, y + 2n ** 255n])
  .map((y) => hex(y.toString(16).padStart(64, '0')).reverse())

test('the eight points of small order have fourteen encodings', () => {
  expect(new Set(ENCODINGS.map(toHex)).size).toBe(14)
})

test('a signature under an ordinary key is accepted, and refused after a change', async () => {
  const [seed, message] = [counting(1, 32), utf8('an entry')]
  const signature = signMessage(seed, LABEL, message)
  expect(verifyMessage(derivePublicKey(seed), LABEL, message, signature)).toBe(true)
  expect(verifyMessage(derivePublicKey(seed), LABEL, message, flipBit(signature, 0))).toBe(false)
  expect(await createVerifier(derivePublicKey(seed), LABEL)(message, signature)).toBe(true)
})

describe.each(ENCODINGS.map((key) => [toHex(key)]))('the key %s', (digits) => {
  const key = hex(digits)

  test('verifies a forgery in tweetnacl, and our verifiers refuse it', async () => {
    const taken = MESSAGES.find((message) => nacl.sign.detached.verify(labelled(message), FORGED, key))
    if (taken === undefined) return expect.unreachable('no forgery was taken')
    expect(verifyMessage(key, LABEL, taken, FORGED)).toBe(false)
    expect(await createVerifier(key, LABEL)(taken, FORGED)).toBe(false)
  })

  test('has small order; of the keys with one flipped bit only other encodings of the list have it', () => {
    expect(hasSmallOrder(key)).toBe(true)
    for (let at = 0; at < 31; at++) {
      const near = flipBit(key, at, 4)
      expect(hasSmallOrder(near)).toBe(ENCODINGS.some((other) => toHex(other) === toHex(near)))
    }
  })
})

test('no public key of a seed has small order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (seed) => !hasSmallOrder(derivePublicKey(seed))),
  )
})
