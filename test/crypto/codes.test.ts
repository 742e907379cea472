/**
 * The reset code, the confirmation code and the desk words of a device.
 * - Each part of the device's state changes all three.
 * - None of the three reveals anything about another.
 * - A reset code is genuine only for the device and the epoch that made it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  deriveConfirmationCode,
  deriveDeskWordNumbers,
  deriveDeskWords,
  deriveResetCode,
  isGenuine,
  readResetCode,
} from '../../src/crypto/codes.ts'
import { authenticate } from '../../src/crypto/hmac.ts'
import { asDeviceSecret, deriveSubkey, encodeDeviceState, LAST_EPOCH } from '../../src/crypto/keys.ts'
import { decodeSpoken, encodeSpoken, parseSpoken } from '../../src/crypto/spoken.ts'
import { formatTag } from '../../src/crypto/tag.ts'
import { bip39English } from '../../src/crypto/words.ts'
import { counting, flipBit } from './fixtures.ts'

const secret = asDeviceSecret(counting(0, 32))
const state = { id: counting(0xa0, 16), tag: 22_391_381, epoch: 7 }
const otherStates = [
  { ...state, id: flipBit(state.id, 15) },
  { ...state, tag: state.tag + 1 },
  { ...state, epoch: state.epoch + 1 },
]

const anyState = fc.record({
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(asDeviceSecret),
  state: fc.record({
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    tag: fc.integer({ min: 0, max: 2 ** 25 - 1 }),
    epoch: fc.integer({ min: 0, max: LAST_EPOCH }),
  }),
})

test('the reset code of any device contains its tag and epoch, and is genuine', () => {
  fc.assert(
    fc.property(anyState, (device) => {
      const code = deriveResetCode(device.secret, device.state)
      expect(parseSpoken(code, 'reset')).toEqual({ ok: true, code })
      expect(readResetCode(code)).toEqual({ tag: device.state.tag, epoch: device.state.epoch })
      expect(formatTag(device.state.tag)).toBe(code.slice(0, 5))
      expect(isGenuine(device.secret, device.state.id, code)).toBe(true)
      expect(parseSpoken(deriveConfirmationCode(device.secret, device.state), 'confirm').ok).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a reset code with one changed symbol and a new check is not genuine', () => {
  const data = decodeSpoken(deriveResetCode(secret, state))
  for (let at = 0; at < data.length; at++) {
    for (let value = 0; value < 32; value++) {
      const code = encodeSpoken(data.with(at, value), 'reset')
      expect(isGenuine(secret, state.id, code)).toBe(value === data[at])
    }
  }
})

test('a reset code of another secret or another id is not genuine', () => {
  const code = deriveResetCode(secret, state)
  expect(isGenuine(asDeviceSecret(flipBit(secret, 0)), state.id, code)).toBe(false)
  expect(isGenuine(secret, flipBit(state.id, 0), code)).toBe(false)
})

describe('another id, tag or epoch', () => {
  test.each(otherStates)('%o gives other codes and words', (other) => {
    expect(deriveResetCode(secret, other)).not.toBe(deriveResetCode(secret, state))
    expect(deriveConfirmationCode(secret, other)).not.toBe(deriveConfirmationCode(secret, state))
    expect(deriveDeskWordNumbers(secret, other)).not.toEqual(deriveDeskWordNumbers(secret, state))
  })

  test('gives another MAC, not only other bits of tag and epoch', () => {
    const macOf = (s: typeof state) => decodeSpoken(deriveResetCode(secret, s)).slice(8)
    for (const other of otherStates) expect(macOf(other)).not.toEqual(macOf(state))
  })
})

test('the two codes and the desk words are computed under three keys', () => {
  const bits = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(2).padStart(8, '0')).join('')
  const macOf = (label: 'reset' | 'confirm' | 'words') =>
    bits(authenticate(deriveSubkey(secret, state.id, label), encodeDeviceState(state)))
  const symbols = (code: Parameters<typeof decodeSpoken>[0]) =>
    decodeSpoken(code)
      .map((v) => v.toString(2).padStart(5, '0'))
      .join('')
  expect(symbols(deriveResetCode(secret, state)).slice(40)).toBe(macOf('reset').slice(0, 25))
  expect(symbols(deriveConfirmationCode(secret, state))).toBe(macOf('confirm').slice(0, 65))
  const numbers = deriveDeskWordNumbers(secret, state)
  expect(numbers).toEqual([macOf('words').slice(0, 11), macOf('words').slice(11, 22)].map((b) => Number.parseInt(b, 2)))
  expect(deriveDeskWords(secret, state)).toEqual(numbers.map((n) => bip39English()[n]))
})

test('a tag or an epoch out of range is refused by name', () => {
  for (const derive of [deriveResetCode, deriveConfirmationCode, deriveDeskWordNumbers]) {
    expect(() => derive(secret, { ...state, epoch: LAST_EPOCH + 1 })).toThrow(/^epoch: /)
    expect(() => derive(secret, { ...state, tag: 2 ** 25 })).toThrow(/^tag: /)
  }
})
