/**
 * Encodings of bytes, integers and text.
 * - Decoding returns exactly the value that was encoded.
 * - Input that is not in the exact form is refused.
 * - A refusal names the argument.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  asHexId,
  concatBytes,
  decodeBase64Url,
  decodeBinary,
  decodeHex,
  decodeText,
  encodeBase64Url,
  encodeHex,
  encodeText,
  encodeU16,
  encodeU32,
  encodeU64,
  equalBytes,
  pickHexId,
  prefixLength,
  requireLength,
  requireUnsigned,
  takeBits,
  takeSymbols,
} from '../../src/crypto/bytes.ts'
import { allotBytes, gatherBytes } from '../../src/crypto/memory.ts'
import { filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const anyBytes = fc.uint8Array({ maxLength: 80 })
const anyText = fc.string({ unit: 'binary', maxLength: 40 })
/** The bits as a string of 0 and 1: slow, simple, and independent of the code under test. */
const bitsOf = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(2).padStart(8, '0')).join('')

describe('allotted bytes', () => {
  test('are zero at first and share no memory with other allotted bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 }), { maxLength: 100 }), (lengths) => {
        const all = lengths.map((length) => allotBytes(length))
        for (const [i, bytes] of all.entries()) {
          expect(bytes).toEqual(new Uint8Array(lengths[i] as number))
          bytes.fill(i + 1)
        }
        for (const [i, bytes] of all.entries()) expect(bytes.every((byte) => byte === i + 1)).toBe(true)
      }),
    )
  })

  test('are filled by decodeBinary from a text with one character a byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeBinary(Buffer.from(bytes).toString('latin1'))).toEqual(bytes)
      }),
    )
  })
})

describe('gathered bytes', () => {
  test('are the parts one after the other, however long they are', () => {
    for (const lengths of [[], [3], [2_000, 48], [2_000, 49], [5_000, 0, 1]]) {
      const parts = lengths.map((length, i) => filled(length, i + 1))
      expect(Buffer.from(gatherBytes(...parts))).toEqual(Buffer.concat(parts))
    }
  })
})

describe('ids in hex', () => {
  test('are lower-case hex of whole bytes, and nothing else', () => {
    expect(asHexId('00ff')).toBe('00ff')
    for (const text of ['0', '00F0', 'xx', '00 ', '00\n']) expect(() => asHexId(text)).toThrow(TypeError)
  })

  test('are picked from a row of ids by their number', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 9 }), (ids) => {
        const row = encodeHex(concatBytes(...ids))
        expect(ids.map((_, i) => pickHexId(row, i, 4))).toEqual(ids.map(encodeHex))
      }),
    )
  })
})

describe('integers', () => {
  test('are big-endian', () => {
    expect(toHex(encodeU16(0x0102))).toBe('0102')
    expect(toHex(encodeU32(0x01020304))).toBe('01020304')
    expect(toHex(encodeU64(0x1f_0203_0405_0607))).toBe('001f020304050607')
  })

  test('are encoded up to the last value that fits', () => {
    expect(toHex(encodeU16(0xffff))).toBe('ffff')
    expect(toHex(encodeU32(0xffff_ffff))).toBe('ffffffff')
    expect(toHex(encodeU64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff')
    expect(() => encodeU16(0x1_0000)).toThrow(RangeError)
    expect(() => encodeU32(2 ** 32)).toThrow(RangeError)
    expect(() => encodeU64(2 ** 53)).toThrow(RangeError)
  })

  test('are read back by DataView', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff }), fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat(), (a, b, c) => {
        expect(new DataView(encodeU16(a).buffer).getUint16(0)).toBe(a)
        expect(new DataView(encodeU32(b).buffer).getUint32(0)).toBe(b)
        expect(new DataView(encodeU64(c).buffer).getBigUint64(0)).toBe(BigInt(c))
      }),
    )
  })

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32])('%d is refused by name', (value) => {
    expect(() => encodeU32(value, 'minute')).toThrow(new RangeError('minute: an unsigned integer of 32 bits expected'))
    expect(() => encodeU16(value)).toThrow(/^u16: /)
    expect(() => encodeU32(value)).toThrow(/^u32: /)
    if (value !== 2 ** 32) expect(() => encodeU64(value)).toThrow(/^u64: /)
  })

  test('requireUnsigned accepts values below 2^bits and refuses 2^bits itself', () => {
    expect(() => requireUnsigned(2 ** 25 - 1, 25, 'tag')).not.toThrow()
    expect(() => requireUnsigned(0, 25, 'tag')).not.toThrow()
    expect(() => requireUnsigned(2 ** 25, 25, 'tag')).toThrow('tag: an unsigned integer of 25 bits expected')
  })
})

describe('lengths', () => {
  test('requireLength refuses by name bytes that are too long or too short, and a string', () => {
    expect(() => requireLength(filled(16, 1), 16, 'salt')).not.toThrow()
    for (const wrong of [filled(15, 1), filled(17, 1), '0123456789abcdef' as unknown as Uint8Array]) {
      expect(() => requireLength(wrong, 16, 'salt')).toThrow(new TypeError('salt: 16 bytes expected'))
    }
  })

  test('LP(x) = u16 length ‖ x', () => {
    expect(toHex(prefixLength(utf8('ab')))).toBe('00026162')
    expect(toHex(prefixLength(new Uint8Array(0)))).toBe('0000')
    expect(prefixLength(filled(0xffff, 7))).toHaveLength(0x1_0001)
    expect(() => prefixLength(filled(0x1_0000, 7), 'user')).toThrow(/^length of user: /)
    expect(() => prefixLength(filled(0x1_0000, 7))).toThrow(/^length of text: /)
  })

  test('concatBytes keeps the order and copies the bytes', () => {
    const first = Uint8Array.of(1, 2)
    const joined = concatBytes(first, new Uint8Array(0), Uint8Array.of(3))
    first[0] = 9
    expect(Array.from(joined)).toEqual([1, 2, 3])
  })
})

describe('text', () => {
  test('is encoded as NFC in UTF-8, in whichever normal form it was typed', () => {
    expect(toHex(encodeText('Zu\u0308rich'))).toBe(toHex(utf8('Z\u00fcrich')))
    fc.assert(
      fc.property(anyText, (text) => {
        expect(decodeText(encodeText(text))).toBe(text.normalize('NFC'))
      }),
    )
  })

  test('keeps a byte order mark as a character', () => {
    expect(decodeText(hex('efbbbf61'))).toBe('\ufeffa')
  })

  test.each(['ff', 'c0af', 'e282', 'eda080', 'f4908080'])('%s is not UTF-8', (bytes) => {
    expect(decodeText(hex(bytes))).toBeNull()
  })
})

describe('bits', () => {
  test('takeBits reads any 1 … 16 bits', () => {
    const reading = fc
      .tuple(fc.uint8Array({ minLength: 3, maxLength: 40 }), fc.integer({ min: 1, max: 16 }), fc.nat())
      .map(([bytes, count, at]) => ({ bytes, count, from: at % (bytes.length * 8 - count + 1) }))
    fc.assert(
      fc.property(reading, ({ bytes, from, count }) => {
        expect(takeBits(bytes, from, count)).toBe(Number.parseInt(bitsOf(bytes).slice(from, from + count), 2))
      }),
    )
  })

  test('takeSymbols reads first(n, d), five bits a symbol', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat({ max: 51 }), (digest, count) => {
        const expected = (
          bitsOf(digest)
            .slice(0, count * 5)
            .match(/.{5}/g) ?? []
        ).map((five) => Number.parseInt(five, 2))
        expect(takeSymbols(digest, count * 5)).toEqual(expected)
      }),
    )
  })

  test('takeBits and takeSymbols refuse to read past the end or part of a symbol', () => {
    expect(takeBits(filled(2, 255), 8, 8)).toBe(255)
    expect(() => takeBits(filled(2, 255), 9, 8)).toThrow(/^count: /)
    expect(() => takeSymbols(filled(32, 1), 26)).toThrow(/^bits: /)
    expect(() => takeSymbols(filled(32, 1), 260)).toThrow(/^bits: /)
    expect(takeSymbols(filled(32, 255), 255)).toEqual(new Array(51).fill(31))
  })
})

test('equalBytes is true only for the same length and the same bytes', () => {
  const bytes = filled(8, 3)
  expect(equalBytes(bytes, filled(8, 3))).toBe(true)
  expect(equalBytes(bytes, filled(9, 3))).toBe(false)
  expect(equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  const digest = filled(32, 3)
  for (let at = 0; at < 32; at++) expect(equalBytes(digest, flipBit(digest, at))).toBe(false)
})

describe('hex', () => {
  test('decodes to the bytes that were encoded, even from a view into a larger buffer', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(encodeHex(bytes)).toBe(toHex(bytes))
        expect(decodeHex(encodeHex(bytes))).toEqual(bytes)
        expect(decodeHex(encodeHex(bytes).toUpperCase())).toEqual(bytes)
        expect(encodeHex(concatBytes(filled(3, 9), bytes, filled(3, 9)).subarray(3, 3 + bytes.length))).toBe(
          toHex(bytes),
        )
      }),
    )
  })

  test('has only the digits 0-9, a-f and A-F', () => {
    const digits = '0123456789abcdefABCDEF'
    for (let unit = 0; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit)
      const decoded = decodeHex(`1${character}`)
      if ((decoded !== null) !== digits.includes(character)) expect.fail(`U+${unit.toString(16)}`)
    }
  })

  test('decodes only a text of whole bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFg \n'), maxLength: 8 })),
        (text) => {
          const decoded = decodeHex(text)
          if (decoded === null) expect(/^[0-9a-fA-F]*$/.test(text) && text.length % 2 === 0).toBe(false)
          else expect(toHex(decoded)).toBe(text.toLowerCase())
        },
      ),
    )
  })

  test.each(['0', 'abc', '0g', '0x00', ' 00', '00\n', '00 ', '\u0660\u0660'])('%j is refused', (text) => {
    expect(decodeHex(text)).toBeNull()
  })
})

describe('base64url', () => {
  test('decodes to the bytes that were encoded, without padding', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = encodeBase64Url(bytes)
        expect(text).toMatch(/^[A-Za-z0-9_-]*$/)
        expect(decodeBase64Url(text)).toEqual(bytes)
        expect(encodeBase64Url(concatBytes(filled(3, 9), bytes).subarray(3))).toBe(text)
      }),
    )
  })

  test('matches RFC 4648 §10 in its URL form', () => {
    const cases = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' }
    for (const [plain, encoded] of Object.entries(cases)) {
      expect(encodeBase64Url(utf8(plain))).toBe(encoded)
      expect(decodeBase64Url(encoded)).toEqual(utf8(plain))
    }
  })

  test('decodes only the canonical spelling', () => {
    const near = fc.string({ unit: fc.constantFrom(...'AQgwZz059_-+/= \n'), maxLength: 9 })
    fc.assert(
      fc.property(fc.oneof(anyText, near), (text) => {
        const decoded = decodeBase64Url(text)
        if (decoded !== null) expect(encodeBase64Url(decoded)).toBe(text)
      }),
    )
  })

  test.each(['Zg==', 'Zh', 'Z', 'Zm9v\n', ' Zm9v', 'Zm+v', 'Zm/v', 'Zm9vY', 'Zm9\u00e9'])('%j is refused', (text) => {
    expect(decodeBase64Url(text)).toBeNull()
  })
})
