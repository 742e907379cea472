/**
 * TOTP: the codes match RFC 4226 and RFC 6238, and the key and its URI have the form that authenticator apps read.
 * No function reads a clock.
 */
import { describe, expect, test } from 'vitest'
import { deriveTotp, encodeBase32, encodeKeyUri, findStep, isTotpOf, stepAt } from '../../src/crypto/totp.ts'
import { counting } from './fixtures.ts'

/** The secret of both RFCs: the 20 ASCII digits. */
const SECRET = new TextEncoder().encode('12345678901234567890')
/** RFC 4226, appendix D. */
const HOTP = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ')
/** RFC 6238, appendix B, SHA-1: the last six of its eight digits. */
const TOTP = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
] as const

test.each(HOTP.map((code, step) => [step, code] as const))('RFC 4226: counter %i is %s', (step, code) => {
  expect(deriveTotp(SECRET, step)).toBe(code)
})

test.each(TOTP)('RFC 6238: the code at %i s is %s', (seconds, code) => {
  expect(deriveTotp(SECRET, stepAt(seconds * 1000))).toBe(code)
  expect(isTotpOf(SECRET, stepAt(seconds * 1000), code)).toBe(true)
})

test('a step is half a minute, counted from 1970', () => {
  expect([0, 29_999, 30_000, 59_999, 60_000].map(stepAt)).toEqual([0, 0, 1, 1, 2])
})

test('a code is valid for its own step only, and for no step before 1970', () => {
  const code = deriveTotp(SECRET, 100)
  expect(isTotpOf(SECRET, 100, code)).toBe(true)
  for (const step of [99, 101, -1, -100]) expect(isTotpOf(SECRET, step, code)).toBe(false)
  for (const text of ['', '1', `${code}0`, code.slice(1), `${code} `]) expect(isTotpOf(SECRET, 100, text)).toBe(false)
})

test('a secret of another length is refused by name', () => {
  expect(() => deriveTotp(counting(1, 16), 1)).toThrow('TOTP secret')
  expect(() => encodeKeyUri(counting(1, 32), 'a', 'b')).toThrow('TOTP secret')
})

describe('the nearest step', () => {
  const among = (steps: number[]) => (step: number) => steps.includes(step)
  test.each([
    [[1000], 1000],
    [[998, 1001], 1001],
    [[999, 1001], 999],
    [[1124], 1124],
    [[876], 876],
    [[1125], null],
    [[875], null],
    [[], null],
  ] as const)('of %j to 1000 is %s', (steps, found) => {
    expect(findStep(1000, among([...steps]))).toBe(found)
  })
})

/** The examples of RFC 4648 §10 have up to six letters. These have the length of a secret. */
test('the key is base32 without padding', () => {
  expect(encodeBase32(SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  expect(encodeBase32(new Uint8Array(20))).toBe('A'.repeat(32))
  expect(encodeBase32(new Uint8Array(20).fill(255))).toBe('7'.repeat(32))
})

describe('the Key URI', () => {
  const KEY = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  test.each([
    ['ACME', 'zoe@example.ch', `otpauth://totp/ACME:zoe%40example.ch?secret=${KEY}&issuer=ACME`],
    ['Röntgen AG', 'Zoë', `otpauth://totp/R%C3%B6ntgen%20AG:Zo%C3%AB?secret=${KEY}&issuer=R%C3%B6ntgen%20AG`],
    ['A+B & Co', 'x?y=z#1', `otpauth://totp/A%2BB%20%26%20Co:x%3Fy%3Dz%231?secret=${KEY}&issuer=A%2BB%20%26%20Co`],
    [
      'Desk: Zürich',
      'corp:zoe',
      `otpauth://totp/Desk%20Z%C3%BCrich:corp%20zoe?secret=${KEY}&issuer=Desk%20Z%C3%BCrich`,
    ],
    ['100%', 'a/b', `otpauth://totp/100%25:a%2Fb?secret=${KEY}&issuer=100%25`],
  ])('of %s and %s', (issuer, account, uri) => {
    expect(encodeKeyUri(SECRET, issuer, account)).toBe(uri)
  })
})
