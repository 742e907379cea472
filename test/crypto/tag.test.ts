/** Reading a typed tag, and formatting a tag. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTag, parseTag } from '../../src/crypto/tag.ts'

describe('a typed tag', () => {
  test.each([
    ['22391381', 22_391_381],
    ['NBAJN', 22_391_381],
    ['nbajn', 22_391_381],
    ['n-ba jn', 22_391_381],
    ['0', 0],
    ['7', 7],
    ['1234', 1234],
    ['012345', 12_345],
    ['33554431', 2 ** 25 - 1],
    ['ZZZZZ', 2 ** 25 - 1],
    ['1OILo', 0b00001_00000_00001_00001_00000],
  ])('%j is read as %d', (text, tag) => {
    expect(parseTag(text)).toBe(tag)
  })

  test('of five digits is read as five symbols, like the first group of a reset code', () => {
    expect(parseTag('12345')).toBe(0b00001_00010_00011_00100_00101)
  })

  test.each([
    '',
    'NBAJ',
    'NBAJNX',
    'NBAJU',
    'NBAJ?',
    '33554432',
    '123456789',
    '-1',
    '1.5',
    '0x10',
    '1e3',
    '\u0661\u0662\u0663',
  ])('%j is refused', (text) => {
    expect(parseTag(text)).toBeNull()
  })

  test('that was formatted is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 25 - 1 }), (tag) => {
        expect(parseTag(formatTag(tag))).toBe(tag)
        expect(formatTag(tag)).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}$/)
      }),
    )
  })
})
