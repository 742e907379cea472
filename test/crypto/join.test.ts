/**
 * Requests to join and welcomes.
 * - Each is decoded whole, or the result is null.
 * - The six words of a fingerprint differ if any character of the text differs.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeJoinRequest,
  decodeWelcome,
  encodeJoinRequest,
  encodeWelcome,
  fingerprintWords,
} from '../../src/crypto/join.ts'
import { derivePublicKey, signMessage } from '../../src/crypto/signature.ts'
import { counting, filled, flipBit } from './fixtures.ts'

const SEED = counting(1, 32)
const REQUEST = { operatorId: counting(3, 16), boxKey: counting(9, 32), signKey: derivePublicKey(SEED), name: 'Jürgen' }
const WELCOME = {
  operatorId: counting(3, 16),
  founderKey: counting(40, 32),
  salt: counting(70, 16),
  adminKey: derivePublicKey(SEED),
  organisation: 'Röntgen AG',
}
const request = encodeJoinRequest(SEED, REQUEST)
const welcome = encodeWelcome(SEED, WELCOME)

/** The text with changed bytes after its prefix. */
function remake(text: string, change: (bytes: Uint8Array) => Uint8Array): string {
  const at = text.lastIndexOf('/') + 1
  return (
    text.slice(0, at) +
    Buffer.from(change(new Uint8Array(Buffer.from(text.slice(at), 'base64url')))).toString('base64url')
  )
}
/** Changed content with a valid signature. */
const resign = (text: string, label: string, change: (body: Uint8Array) => Uint8Array) =>
  remake(text, (bytes) => {
    const body = change(bytes.subarray(0, -64))
    return Buffer.concat([body, signMessage(SEED, label, body)])
  })

test('a request to join and a welcome decode to the content that was encoded', () => {
  expect(decodeJoinRequest(request)).toEqual(REQUEST)
  expect(decodeWelcome(welcome)).toEqual(WELCOME)
})

test('a request to join and a welcome are refused with any bit changed, cut short or longer', () => {
  for (const [text, decode] of [
    [request, decodeJoinRequest],
    [welcome, decodeWelcome],
  ] as const) {
    const { length: size } = Buffer.from(text.slice(text.lastIndexOf('/') + 1), 'base64url')
    for (let at = 0; at < size; at++) expect(decode(remake(text, (bytes) => flipBit(bytes, at, at % 8)))).toBeNull()
    for (let length = 0; length < size; length += 3)
      expect(decode(remake(text, (bytes) => bytes.subarray(0, length)))).toBeNull()
    expect(decode(remake(text, (bytes) => Buffer.concat([bytes, filled(1, 0)])))).toBeNull()
    expect(decode(text.toUpperCase())).toBeNull()
    expect(decode('')).toBeNull()
  }
  expect(decodeJoinRequest(welcome)).toBeNull()
  expect(decodeWelcome(request)).toBeNull()
})

describe('decoding refuses, in spite of a valid signature:', () => {
  const bad: [string, (body: Uint8Array) => Uint8Array][] = [
    ['too short for its keys', (body) => body.subarray(0, 70)],
    ['no name', (body) => body.subarray(0, 80)],
    ['half a length', (body) => body.subarray(0, 81)],
    ['a name that is longer than what follows', (body) => body.subarray(0, -1)],
    ['something after the name', (body) => Buffer.concat([body, filled(1, 65)])],
    ['a name that is no text', (body) => Buffer.concat([body.subarray(0, 80), Uint8Array.of(0, 1, 0xff)])],
  ]
  test.each(bad)('%s', (_, change) => {
    expect(decodeJoinRequest(resign(request, 'keydesk/join/1', change))).toBeNull()
  })

  test('a welcome without an organisation', () => {
    expect(decodeWelcome(resign(welcome, 'keydesk/welcome/1', (body) => body.subarray(0, 96)))).toBeNull()
    expect(decodeWelcome(resign(welcome, 'keydesk/welcome/1', (body) => body.subarray(0, 90)))).toBeNull()
  })

  test('a key that anybody can sign with', () => {
    const small = (body: Uint8Array) => Buffer.concat([body.subarray(0, 48), filled(32, 0), body.subarray(80)])
    expect(decodeJoinRequest(resign(request, 'keydesk/join/1', small))).toBeNull()
  })

  test('a text that another key signed than the one that it carries', () => {
    expect(decodeJoinRequest(encodeJoinRequest(counting(2, 32), REQUEST))).toBeNull()
    expect(decodeWelcome(encodeWelcome(counting(2, 32), WELCOME))).toBeNull()
  })
})

test('lengths are checked before anything is signed', () => {
  for (const field of ['operatorId', 'boxKey', 'signKey'] as const)
    expect(() => encodeJoinRequest(SEED, { ...REQUEST, [field]: filled(5, 1) })).toThrow('bytes expected')
  for (const field of ['operatorId', 'founderKey', 'salt', 'adminKey'] as const)
    expect(() => encodeWelcome(SEED, { ...WELCOME, [field]: filled(5, 1) })).toThrow('bytes expected')
})

test('a fingerprint has six words of the list, and differs for another text', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(fingerprintWords(a)).toHaveLength(6)
      expect(fingerprintWords(a).join(' ') === fingerprintWords(b).join(' ')).toBe(a === b)
    }),
  )
})
