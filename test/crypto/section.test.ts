/**
 * Values that are derived from a section key.
 * - A blind index reveals only that two values are equal.
 * - The digest changes if a row is removed, doubled or put back from an older copy.
 * - The order of the rows does not change the digest.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deriveKey } from '../../src/crypto/hmac.ts'
import {
  blindIndex,
  DIGEST_BYTES,
  deriveDigestKey,
  deriveIndexKey,
  deriveStoreKey,
  digestRow,
  INDEX_BYTES,
  SECTIONS,
  updateDigest,
} from '../../src/crypto/section.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const sectionKey = filled(32, 1)
const storeId = counting(0x50, 16)

describe('keys of a section', () => {
  test('are HKDF of the section key and the store, each with its own label', () => {
    expect(toHex(deriveIndexKey(sectionKey, storeId))).toBe(
      toHex(deriveKey(sectionKey, storeId, utf8('keydesk/store/1/index'), 32)),
    )
    expect(toHex(deriveDigestKey(sectionKey, storeId))).toBe(
      toHex(deriveKey(sectionKey, storeId, utf8('keydesk/store/1/digest'), 32)),
    )
    expect(toHex(deriveIndexKey(sectionKey, storeId))).not.toBe(toHex(deriveDigestKey(sectionKey, storeId)))
  })

  test('differ for another section key and for another store', () => {
    for (const derive of [deriveIndexKey, deriveDigestKey]) {
      expect(toHex(derive(flipBit(sectionKey, 31), storeId))).not.toBe(toHex(derive(sectionKey, storeId)))
      expect(toHex(derive(sectionKey, flipBit(storeId, 15)))).not.toBe(toHex(derive(sectionKey, storeId)))
    }
  })

  test('are derived only from keys and ids of the right length', () => {
    for (const derive of [
      deriveIndexKey,
      deriveDigestKey,
      (k: Uint8Array, s: Uint8Array) => deriveStoreKey(k, s, utf8('x')),
    ]) {
      expect(() => derive(filled(31, 1), storeId)).toThrow('section key: 32 bytes expected')
      expect(() => derive(sectionKey, filled(17, 1))).toThrow('store id: 16 bytes expected')
    }
  })

  test('belong to the sections directory, secrets and admin', () => {
    expect(SECTIONS).toEqual(['directory', 'secrets', 'admin'])
  })
})

describe('blind index', () => {
  const key = deriveIndexKey(sectionKey, storeId)

  test('is 16 bytes of SHAKE256(index key ‖ LP(name) ‖ value)', () => {
    expect(INDEX_BYTES).toBe(16)
    const message = Buffer.concat([hex('0003'), utf8('tag'), utf8('22391381')])
    const expected = createHash('shake256', { outputLength: 16 }).update(key).update(message).digest('hex')
    expect(toHex(blindIndex(key, 'tag', '22391381'))).toBe(expected)
  })

  test('is equal for one value in any normal form, and differs for anything else', () => {
    expect(blindIndex(key, 'user', 'zo\u00eb')).toEqual(blindIndex(key, 'user', 'zoe\u0308'))
    const others = [
      blindIndex(key, 'user', 'alice'),
      blindIndex(key, 'user', 'alicf'),
      blindIndex(key, 'name', 'alice'),
      blindIndex(key, 'use', 'ralice'),
      blindIndex(key, 'user', ''),
      blindIndex(deriveIndexKey(filled(32, 2), storeId), 'user', 'alice'),
      blindIndex(deriveIndexKey(sectionKey, filled(16, 2)), 'user', 'alice'),
    ].map(toHex)
    expect(new Set(others).size).toBe(others.length)
  })

  test('differs for any two different pairs of name and value', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001'), maxLength: 4 })
    fc.assert(
      fc.property(text, text, text, text, (name, value, otherName, otherValue) => {
        const same = name === otherName && value === otherValue
        expect(toHex(blindIndex(key, name, value)) === toHex(blindIndex(key, otherName, otherValue))).toBe(same)
      }),
    )
  })

  test('refuses a name that is too long', () => {
    expect(() => blindIndex(key, 'x'.repeat(65_536), '')).toThrow(/^length of name: /)
  })
})

describe('one row of the digest', () => {
  const key = deriveDigestKey(sectionKey, storeId)
  const id = counting(0xa0, 16)
  const row = (collection: string, rowId: Uint8Array, ...sealed: Uint8Array[]) =>
    toHex(digestRow(key, collection, rowId, sealed))

  test('is SHAKE256 of the digest key ‖ LP(collection) ‖ LP(id) ‖ "length:" ‖ bytes …, 256 bytes', () => {
    const message = Buffer.concat([
      key,
      hex('0006'),
      utf8('device'),
      hex('0010'),
      id,
      utf8('3:'),
      utf8('abc'),
      utf8('0:'),
    ])
    const expected = createHash('shake256', { outputLength: 256 }).update(message).digest('hex')
    expect(row('device', id, utf8('abc'), utf8(''))).toBe(expected)
  })

  test('differs for another key, place or sealed bytes, and for another split of the bytes', () => {
    const rows = [
      row('device', id, utf8('abc')),
      row('devic', id, utf8('abc')),
      row('device', flipBit(id, 0), utf8('abc')),
      row('device', id, utf8('abd')),
      row('device', id, utf8('ab'), utf8('c')),
      row('device', id, utf8('abc'), utf8('')),
      row('device', id, utf8(''), utf8('abc')),
      row('device', id, utf8('1:a'), utf8('bc')),
      row('device', id, utf8('1'), utf8('a2:bc')),
      row('device', id),
      row('device', Uint8Array.of(...id, 0x31)),
      toHex(digestRow(deriveDigestKey(filled(32, 2), storeId), 'device', id, [utf8('abc')])),
    ]
    expect(new Set(rows).size).toBe(rows.length)
  })

  test('refuses a collection or an id that is too long, by name', () => {
    expect(() => digestRow(key, 'x'.repeat(65_536), id, [])).toThrow(/^length of collection: /)
    expect(() => digestRow(key, 'x', filled(65_536, 1), [])).toThrow(/^length of id: /)
  })
})

describe('the digest', () => {
  const key = deriveDigestKey(sectionKey, storeId)
  const empty = new Uint8Array(DIGEST_BYTES)
  const rowOf = (n: number) => digestRow(key, 'device', Uint8Array.of(n >> 8, n & 255), [Uint8Array.of(n & 7)])
  const sum = (rows: readonly number[]) => updateDigest(empty, [], rows.map(rowOf))
  const numbers = fc.uniqueArray(fc.nat({ max: 999 }), { minLength: 2, maxLength: 12 })

  /**
   * Guards the width of the digest. A holder of the digest's key can try contents, and anyone can subtract the digests
   * of two entries. With a sum of 256 bits, Wagner's generalised birthday attack then takes about 2^36 work over 256
   * rows. With 2,048 bits it does not succeed.
   */
  test('is 2,048 bits wide, and so is every row', () => {
    expect(DIGEST_BYTES).toBe(256)
    expect(rowOf(1)).toHaveLength(256)
    expect(sum([1, 2])).toHaveLength(256)
  })

  test('is the sum of its rows in any order', () => {
    fc.assert(
      fc.property(numbers, fc.nat(), (rows, seed) => {
        const shuffled = rows.map((row, i) => ({ row, at: (seed * (i + 7)) % 13 })).sort((a, b) => a.at - b.at)
        const oneByOne = shuffled.reduce<Uint8Array>((digest, { row }) => updateDigest(digest, [], [rowOf(row)]), empty)
        expect(toHex(oneByOne)).toBe(toHex(sum(rows)))
      }),
    )
  })

  test('returns to its old value when the added rows are removed', () => {
    fc.assert(
      fc.property(numbers, numbers, (rows, more) => {
        const added = updateDigest(sum(rows), [], more.map(rowOf))
        expect(toHex(added)).not.toBe(toHex(sum(rows)))
        expect(toHex(updateDigest(added, more.map(rowOf), []))).toBe(toHex(sum(rows)))
        expect(toHex(updateDigest(sum(rows), more.map(rowOf), more.map(rowOf)))).toBe(toHex(sum(rows)))
      }),
    )
  })

  test('changes if a row is missing, is there twice, or came back from an older copy', () => {
    const [old, now] = [1, 2].map((content) =>
      digestRow(key, 'device', Uint8Array.of(9), [Uint8Array.of(content)]),
    ) as [Uint8Array, Uint8Array]
    const others = [3, 4, 5].map(rowOf)
    const whole = toHex(updateDigest(empty, [], [...others, now]))
    const wrong = [
      others,
      [...others, now, now],
      [...others, old],
      [...others, now, old],
      [...others.slice(1), now],
      [...others.slice(1), now, now],
    ].map((rows) => toHex(updateDigest(empty, [], rows)))
    expect(wrong).not.toContain(whole)
    expect(toHex(updateDigest(updateDigest(empty, [], [...others, old]), [old], [now]))).toBe(whole)
  })

  test('wraps around at 2^2048 in both directions', () => {
    const one = Uint8Array.from(empty).fill(1, 255)
    const most = filled(256, 0xff)
    expect(toHex(updateDigest(empty, [one], []))).toBe(toHex(most))
    expect(toHex(updateDigest(most, [], [one]))).toBe(toHex(empty))
    expect(toHex(updateDigest(one, [], [one]))).toBe(`${'00'.repeat(255)}02`)
    expect(toHex(updateDigest(empty, [], []))).toBe(toHex(empty))
  })

  test('is updated only from a digest of 256 bytes', () => {
    expect(() => updateDigest(filled(32, 0), [], [])).toThrow('digest: 256 bytes expected')
  })
})
