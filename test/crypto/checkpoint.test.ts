/**
 * Checkpoints in a mail or on paper.
 * - A checkpoint that was written correctly is read back.
 * - A copying mistake is told apart from a changed audit log.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCheckpoint, groupCheckpoint, parseCheckpoints } from '../../src/crypto/checkpoint.ts'
import { ALPHABET } from '../../src/crypto/spoken.ts'
import { counting, filled, utf8 } from './fixtures.ts'

const checkpoint = { seq: 4711, hash: counting(0xa0, 32) }
const text = encodeCheckpoint(checkpoint)
const symbols = text.slice('keydesk:checkpoint/1/4711/'.length)
const anyCheckpoint = fc.record({
  seq: fc.integer({ min: 1, max: 10 ** 15 - 1 }),
  hash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
})

describe('a checkpoint', () => {
  test('is the hash and three check bytes, in symbols of five bits', () => {
    const message = Buffer.concat([
      utf8('keydesk/checkpoint/1\0'),
      Buffer.from('0000000000001267', 'hex'),
      checkpoint.hash,
    ])
    const check = createHash('sha256').update(message).digest('hex').slice(0, 6)
    const bits = BigInt(`0x${Buffer.from(checkpoint.hash).toString('hex')}${check}`)
    const spelt = Array.from({ length: 56 }, (_, i) => ALPHABET[Number((bits >> BigInt(5 * (55 - i))) & 31n)]).join('')
    expect(text).toBe(`keydesk:checkpoint/1/4711/${spelt}`)
  })

  test('is read back from its text and from paper, in any grouping', () => {
    fc.assert(
      fc.property(anyCheckpoint, fc.constantFrom(' ', '-', '\n', ' - '), (any, gap) => {
        expect(parseCheckpoints(encodeCheckpoint(any))).toEqual([any])
        const groups = groupCheckpoint(any)
        expect(groups).toHaveLength(14)
        expect(groups.every((group) => group.length === 4)).toBe(true)
        expect(parseCheckpoints(`${any.seq} ${groups.join(gap)}`)).toEqual([any])
        expect(parseCheckpoints(`Entry ${any.seq}: ${groups.join(gap).toLowerCase()}\n`)).toEqual([any])
      }),
    )
  })

  test('is read with O for 0, and with I or L for 1', () => {
    const careless = symbols.replaceAll('0', 'o').replaceAll('1', 'l')
    expect(parseCheckpoints(`4711 ${careless}`)).toEqual([checkpoint])
  })

  test('is found in a mail together with all others, in their order', () => {
    const second = { seq: 5000, hash: filled(32, 7) }
    const mail = `Dear auditor,\r\n> ${text}\r\nand today ${encodeCheckpoint(second)}.\r\n`
    expect(parseCheckpoints(mail)).toEqual([checkpoint, second])
  })

  test('is refused if one symbol or digit was copied wrongly', () => {
    for (let at = 0; at < symbols.length; at++) {
      const wrong = symbols[at] === 'Z' ? 'Y' : 'Z'
      expect(parseCheckpoints(`4711 ${symbols.slice(0, at)}${wrong}${symbols.slice(at + 1)}`)).toEqual([null])
    }
    expect(parseCheckpoints(text.replace('4711', '4717'))).toEqual([null])
    expect(parseCheckpoints(text.slice(0, -1))).toEqual([null])
    expect(parseCheckpoints(`${text}0`)).toEqual([null])
    expect(parseCheckpoints(`4711 ${symbols.replace(/.$/, 'U')}`)).toEqual([null])
  })

  test('is refused for entry 0, and is not found in other text', () => {
    expect(parseCheckpoints(encodeCheckpoint({ seq: 0, hash: filled(32, 1) }))).toEqual([null])
    for (const other of ['', 'nothing', 'a 4711', '4711', 'keydesk:checkpoint/2/1/AAAA'])
      expect(parseCheckpoints(other)).toEqual([])
  })

  test('refuses a hash of a wrong length by name', () => {
    expect(() => encodeCheckpoint({ seq: 1, hash: filled(31, 1) })).toThrow('hash: 32 bytes expected')
  })
})
