/** The one-time PIN: ten digits that say their minute, and that another device, user, minute or audience does not share. */
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { derivePin, normalizeUser, type PinRequest } from '../../src/crypto/pin.ts'
import { counting, filled, flipBit, toHex } from './fixtures.ts'

const key = filled(32, 7)
const request: PinRequest = { id: counting(0xa0, 16), audience: 'device', minute: 29_863_512, user: 'alice' }

test('ten digits, the first four of them the minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.string({ unit: 'binary' }), (minute, user) => {
      const pin = derivePin(key, { ...request, minute, user })
      expect(pin).toMatch(/^[0-9]{10}$/)
      expect(Number(pin.slice(0, 4))).toBe(minute % 10_000)
    }),
  )
})

test('the formula, once more by other means', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom('device', 'desk'), (minute, audience) => {
      const message = `${audience === 'device' ? '01' : '02'}${toHex(request.id)}${minute.toString(16).padStart(8, '0')}0005616c696365`
      const mac = createHmac('sha256', key).update(message, 'hex').digest('hex')
      const digits = (BigInt(`0x${mac.slice(0, 16)}`) % 1_000_000n).toString().padStart(6, '0')
      expect(derivePin(key, { ...request, minute, audience }).slice(4)).toBe(digits)
    }),
  )
})

test.each<Partial<PinRequest>>([
  { audience: 'desk' },
  { minute: request.minute + 10_000 },
  { user: 'alicf' },
  { id: flipBit(request.id, 0) },
])('%o gives other digits', (change) => {
  expect(derivePin(key, { ...request, ...change }).slice(4)).not.toBe(derivePin(key, request).slice(4))
})

test('what does not fit is refused by name', () => {
  expect(() => derivePin(filled(31, 7), request)).toThrow('pin key: 32 bytes expected')
  expect(() => derivePin(key, { ...request, id: filled(15, 1) })).toThrow('device id: 16 bytes expected')
  expect(() => derivePin(key, { ...request, user: 'x'.repeat(65_536) })).toThrow(/^length of user: /)
  for (const minute of [-1, 0.5, 2 ** 32, Number.NaN]) {
    expect(() => derivePin(key, { ...request, minute })).toThrow('minute: an unsigned integer of 32 bits expected')
  }
})

describe('a user name', () => {
  test.each([
    ['  Alice ', 'alice'],
    ['ALICE', 'alice'],
    ['\tZoe\u0308\u00a0', 'zo\u00eb'],
    ['\ufeffbob\u2028', 'bob'],
    ['a b', 'a b'],
    ['\u0130', 'i\u0307'],
    ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2'],
  ])('%j is %j', (typed, normal) => {
    expect(normalizeUser(typed)).toBe(normal)
  })

  /** Guards a mistake that was made: NFC before lower-casing only, which left j ‖ caron where others compare ǰ. */
  test('J with a caron, which has no capital of its own, is the same user in any spelling', () => {
    expect(normalizeUser('J\u030c')).toBe('\u01f0')
    expect(normalizeUser('\u01f0')).toBe('\u01f0')
    expect(derivePin(key, { ...request, user: 'J\u030c' })).toBe(derivePin(key, { ...request, user: '\u01f0' }))
  })

  test('is NFC, has no space at its ends, and is not changed by doing it again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (user) => {
        const normal = normalizeUser(user)
        expect(normal.normalize('NFC')).toBe(normal)
        expect(normal.trim()).toBe(normal)
        expect(normalizeUser(normal)).toBe(normal)
        expect(normalizeUser(` ${user.normalize('NFD')}\n`)).toBe(normal)
      }),
      { numRuns: 2000 },
    )
  })

  test('every single character of Unicode holds to that', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const normal = normalizeUser(`a${String.fromCodePoint(point)}`)
      if (normalizeUser(normal) !== normal || normal.normalize('NFC') !== normal) expect.fail(`U+${point.toString(16)}`)
    }
  })
})
