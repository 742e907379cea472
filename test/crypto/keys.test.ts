/**
 * The keys of a device.
 * - HKDF and HMAC match their standards.
 * - Each use has its own key.
 * - M accepts its numbers up to their bounds.
 */
import { createHmac, hkdfSync, scryptSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { authenticate, deriveKey } from '../../src/crypto/hmac.ts'
import { asDeviceSecret, deriveSubkey, encodeDeviceState, LAST_EPOCH, type SubkeyLabel } from '../../src/crypto/keys.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

describe('RFC 5869, HKDF-SHA-256', () => {
  test.each([
    {
      name: 'A.1, basic',
      ikm: filled(22, 0x0b),
      salt: counting(0x00, 13),
      info: counting(0xf0, 10),
      okm: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
    },
    {
      name: 'A.2, longer inputs and outputs',
      ikm: counting(0x00, 80),
      salt: counting(0x60, 80),
      info: counting(0xb0, 80),
      okm:
        'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09' +
        'da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    },
    {
      name: 'A.3, no salt and no info',
      ikm: filled(22, 0x0b),
      salt: new Uint8Array(0),
      info: new Uint8Array(0),
      okm: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
    },
  ])('$name', ({ ikm, salt, info, okm }) => {
    expect(toHex(deriveKey(ikm, salt, info, okm.length / 2))).toBe(okm)
  })
})

describe('RFC 4231, HMAC-SHA-256', () => {
  const longText =
    'This is a test using a larger than block-size key and a larger than block-size data. ' +
    'The key needs to be hashed before being used by the HMAC algorithm.'
  test.each([
    [1, filled(20, 0x0b), utf8('Hi There'), 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    [
      2,
      utf8('Jefe'),
      utf8('what do ya want for nothing?'),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [3, filled(20, 0xaa), filled(50, 0xdd), '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe'],
    [4, counting(1, 25), filled(50, 0xcd), '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b'],
    [5, filled(20, 0x0c), utf8('Test With Truncation'), 'a3b6167473100ee06e0c796c2955552b'],
    [
      6,
      filled(131, 0xaa),
      utf8('Test Using Larger Than Block-Size Key - Hash Key First'),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
    [7, filled(131, 0xaa), utf8(longText), '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2'],
  ])('test case %d', (_, key, message, mac) => {
    expect(toHex(authenticate(key, message).subarray(0, mac.length / 2))).toBe(mac)
    expect(authenticate(key, message)).toHaveLength(32)
  })
})

describe('HMAC and HKDF', () => {
  const lengths = [0, 1, 31, 32, 33, 63, 64, 65, 127, 128, 300, 447, 448, 449, 1_000]

  test('match node:crypto for keys, messages, salts and outputs of many lengths', () => {
    for (const a of lengths)
      for (const b of lengths) {
        const [key, message] = [counting(a, a), counting(b + 1, b)]
        expect(toHex(authenticate(key, message))).toBe(createHmac('sha256', key).update(message).digest('hex'))
        const length = 1 + a + b
        const okm = Buffer.from(hkdfSync('sha256', message, key, utf8('keydesk'), length)).toString('hex')
        expect(toHex(deriveKey(message, key, utf8('keydesk'), length))).toBe(okm)
      }
  })

  test('HKDF gives 1 to 8160 bytes, and refuses any other length by name', () => {
    const derive = (length: number) => deriveKey(filled(32, 1), filled(16, 2), filled(3, 3), length)
    const whole = Buffer.from(hkdfSync('sha256', filled(32, 1), filled(16, 2), filled(3, 3), 8160))
    expect(toHex(derive(8160))).toBe(whole.toString('hex'))
    for (const length of [0, -1, 1.5, 8161, Number.NaN])
      expect(() => derive(length)).toThrow('length: 1 to 8160 bytes expected')
  })
})

/** Compares Node's scrypt with the RFC. `slot.test.ts` compares the core's use of scrypt with Node's. */
describe('RFC 7914, scrypt of Node', () => {
  test.each([
    {
      p: '',
      s: '',
      N: 16,
      r: 1,
      cost: 1,
      okm:
        '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442' +
        'fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    },
    {
      p: 'password',
      s: 'NaCl',
      N: 1024,
      r: 8,
      cost: 16,
      okm:
        'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
        '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    },
    {
      p: 'pleaseletmein',
      s: 'SodiumChloride',
      N: 16384,
      r: 8,
      cost: 1,
      okm:
        '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
        'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    },
  ])('N = $N, r = $r, p = $cost', ({ p, s, N, r, cost, okm }) => {
    expect(scryptSync(p, s, 64, { N, r, p: cost, maxmem: 2 ** 26 }).toString('hex')).toBe(okm)
  })
})

describe('device keys', () => {
  const secret = asDeviceSecret(counting(0, 32))
  const id = counting(0xa0, 16)
  const labels: SubkeyLabel[] = ['reset', 'confirm', 'words', 'pin']

  test('each label gives its own key: HKDF with that label', () => {
    const keys = labels.map((label) => toHex(deriveSubkey(secret, id, label)))
    expect(new Set(keys).size).toBe(4)
    expect(keys).toEqual(labels.map((label) => toHex(deriveKey(secret, id, utf8(`keydesk/v1/${label}`), 32))))
  })

  test('a changed byte of the secret or of the id gives another key', () => {
    const key = toHex(deriveSubkey(secret, id, 'reset'))
    for (let at = 0; at < 32; at++)
      expect(toHex(deriveSubkey(asDeviceSecret(flipBit(secret, at)), id, 'reset'))).not.toBe(key)
    for (let at = 0; at < 16; at++) expect(toHex(deriveSubkey(secret, flipBit(id, at), 'reset'))).not.toBe(key)
  })

  test('wrong lengths are refused by name', () => {
    for (const length of [0, 31, 33]) {
      expect(() => asDeviceSecret(filled(length, 1))).toThrow('device secret: 32 bytes expected')
      expect(() => deriveSubkey(filled(length, 1) as typeof secret, id, 'pin')).toThrow(
        'device secret: 32 bytes expected',
      )
    }
    expect(() => deriveSubkey(secret, filled(15, 1), 'pin')).toThrow('device id: 16 bytes expected')
  })
})

describe('M', () => {
  const id = counting(0xa0, 16)

  test('is id ‖ u32 tag ‖ u16 epoch', () => {
    expect(toHex(encodeDeviceState({ id, tag: 0x1020304, epoch: 0x0506 }))).toBe(`${toHex(id)}010203040506`)
  })

  test('holds the largest tag and the last epoch', () => {
    expect(LAST_EPOCH).toBe(32_767)
    expect(toHex(encodeDeviceState({ id, tag: 2 ** 25 - 1, epoch: LAST_EPOCH }))).toBe(`${toHex(id)}01ffffff7fff`)
  })

  test('refuses a value out of range by name', () => {
    expect(() => encodeDeviceState({ id, tag: 2 ** 25, epoch: 0 })).toThrow(
      'tag: an unsigned integer of 25 bits expected',
    )
    expect(() => encodeDeviceState({ id, tag: 0, epoch: LAST_EPOCH + 1 })).toThrow(
      'epoch: an unsigned integer of 15 bits expected',
    )
    expect(() => encodeDeviceState({ id, tag: -1, epoch: 0 })).toThrow(/^tag: /)
    expect(() => encodeDeviceState({ id, tag: 0, epoch: 0.5 })).toThrow(/^epoch: /)
    expect(() => encodeDeviceState({ id: hex('00'), tag: 0, epoch: 0 })).toThrow('device id: 16 bytes expected')
  })
})
