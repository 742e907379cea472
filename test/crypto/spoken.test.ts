/**
 * Spoken codes: the promises of the two check symbols (specification §1), tested exhaustively on real codes.
 * - A misheard code must never pass as another code.
 * - One wrong symbol must be located.
 */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  ALPHABET,
  CODE_LENGTH,
  DATA_LENGTH,
  decodeSpoken,
  encodeSpoken,
  numberToSymbols,
  type ParsedSpoken,
  parseSpoken,
  parseSymbols,
  placeOf,
  type SpokenKind,
  stripHyphens,
  symbolsToNumber,
  UNREADABLE,
} from '../../src/crypto/spoken.ts'
import { codeOf, realCodes } from './fixtures.ts'

const KINDS: SpokenKind[] = ['reset', 'confirm', 'enrol']
const CODES = realCodes().map(({ code, kind }) => ({ code, kind, symbols: code.replaceAll('-', '') }))
/** One code of each kind, for counts that take too long on all. The check is linear, so one code stands for all. */
const ONE_OF_EACH = KINDS.map((kind) => CODES.find((c) => c.kind === kind) as (typeof CODES)[number])
const PLACES = Array.from({ length: CODE_LENGTH }, (_, i) => i)
const PAIRS = PLACES.flatMap((i) => PLACES.slice(i + 1).map((j) => [i, j] as const))

function put(symbols: string, ...changes: readonly (readonly [at: number, symbol: string])[]): string {
  const changed = [...symbols]
  for (const [at, symbol] of changes) changed[at] = symbol
  return changed.join('')
}

const otherSymbols = (symbol: string): string[] => [...ALPHABET].filter((s) => s !== symbol)
const proposalOf = (parsed: ParsedSpoken<SpokenKind>) =>
  !parsed.ok && parsed.why === 'check' ? parsed.proposal : undefined

/** Every code with one wrong symbol: 31 for each place. */
function* oneWrong(symbols: string): Generator<{ input: string; at: number; heard: string }> {
  for (const at of PLACES) {
    for (const heard of otherSymbols(symbols[at] as string)) yield { input: put(symbols, [at, heard]), at, heard }
  }
}

/** Every code with two wrong symbols: 31 × 31 for each pair of places. */
function* twoWrong(symbols: string): Generator<string> {
  for (const [i, j] of PAIRS) {
    for (const a of otherSymbols(symbols[i] as string)) {
      for (const b of otherSymbols(symbols[j] as string)) yield put(symbols, [i, a], [j, b])
    }
  }
}

test('the vectors have 101 valid codes, of every kind', () => {
  expect(CODES).toHaveLength(101)
  expect(ONE_OF_EACH.map((c) => c.kind)).toEqual(KINDS)
  for (const { code, kind } of CODES) expect(parseSpoken(code, kind)).toEqual({ ok: true, code })
})

describe('the check', () => {
  test('finds every single substitution, 465 for each code, with its place and value', () => {
    for (const { code, kind, symbols } of CODES) {
      const mistakes = [...oneWrong(symbols)]
      expect(mistakes).toHaveLength(465)
      for (const { input, at, heard } of mistakes) {
        const corrections = [{ at, heard, shouldBe: symbols[at] }]
        const expected = { ok: false, why: 'check', unreadable: [], proposal: { code, corrections } }
        if (!isDeepStrictEqual(parseSpoken(input, kind), expected)) expect.fail(`${input} as ${kind}`)
      }
    }
  })

  test.each(ONE_OF_EACH)('refuses every double substitution of $code, all 100,905', ({ code, kind, symbols }) => {
    const seen = { all: 0, accepted: 0, restored: 0, located: 0, otherKind: 0 }
    for (const input of twoWrong(symbols)) {
      const parsed = parseSpoken(input, kind)
      seen.all++
      if (parsed.ok) seen.accepted++
      else if (parsed.why === 'kind') seen.otherKind++
      const proposal = proposalOf(parsed)
      if (proposal) seen.located++
      if (proposal?.code === code) seen.restored++
    }
    // A located place proves nothing by itself: 42 % of all double mistakes look like a single mistake. There are
    // 14,105 words of weight 3. Each gives three double mistakes that a change at a third place makes valid.
    expect(seen).toEqual({ all: 100_905, accepted: 0, restored: 0, located: 42_315, otherKind: 210 })
  })

  test('refuses every swap of neighbours', () => {
    let swaps = 0
    for (const { kind, symbols } of CODES) {
      for (const at of PLACES.slice(1)) {
        const [left, right] = [symbols[at - 1] as string, symbols[at] as string]
        if (left === right) continue
        swaps++
        expect(parseSpoken(put(symbols, [at - 1, right], [at, left]), kind).ok).toBe(false)
      }
    }
    expect(swaps).toBeGreaterThan(1200)
  })

  test('names the kind of every code of another kind', () => {
    for (const { code, kind } of CODES) {
      for (const wanted of KINDS) {
        const expected = wanted === kind ? { ok: true, code } : { ok: false, why: 'kind', kind }
        expect(parseSpoken(code, wanted)).toEqual(expected)
      }
    }
  })

  test('never takes a single substitution for a code of another kind', () => {
    for (const { symbols } of ONE_OF_EACH) {
      for (const { input } of oneWrong(symbols)) {
        for (const wanted of KINDS) expect(parseSpoken(input, wanted)).toMatchObject({ ok: false, why: 'check' })
      }
    }
  })
})

describe('unreadable symbols', () => {
  const blank = (symbols: string, ...places: number[]) => put(symbols, ...places.map((at) => [at, UNREADABLE] as const))

  test('are filled in if there are one or two, at any place', () => {
    for (const { code, kind, symbols } of CODES) {
      for (const places of [...PLACES.map((at) => [at]), ...PAIRS]) {
        const corrections = places.map((at) => ({ at, heard: '?', shouldBe: symbols[at] }))
        expect(parseSpoken(blank(symbols, ...places), kind)).toEqual({
          ok: false,
          why: 'check',
          unreadable: places,
          proposal: { code, corrections },
        })
      }
    }
  })

  test('are not filled in if there are three, at any place', () => {
    for (const { kind, symbols } of ONE_OF_EACH) {
      for (const [i, j] of PAIRS) {
        for (const k of PLACES.slice(j + 1)) {
          const parsed = parseSpoken(blank(symbols, i, j, k), kind)
          expect(parsed).toEqual({ ok: false, why: 'check', unreadable: [i, j, k], proposal: null })
        }
      }
    }
    expect(parseSpoken('?'.repeat(15), 'reset')).toMatchObject({ why: 'check', unreadable: PLACES, proposal: null })
  })

  test('are not filled in beside a wrong symbol, in any of 6,510 cases', () => {
    for (const { kind, symbols } of ONE_OF_EACH) {
      const mistakes = [...oneWrong(symbols)].flatMap(({ input, at }) =>
        PLACES.filter((gap) => gap !== at).map((gap) => blank(input, gap)),
      )
      expect(mistakes).toHaveLength(6510)
      expect(mistakes.filter((input) => proposalOf(parseSpoken(input, kind)) !== null)).toEqual([])
    }
  })

  test('are not filled in if the code is of another kind', () => {
    for (const { kind, symbols } of CODES) {
      for (const wanted of KINDS.filter((k) => k !== kind)) {
        for (const at of PLACES) expect(proposalOf(parseSpoken(blank(symbols, at), wanted))).toBeNull()
      }
    }
  })
})

describe('reading', () => {
  const CODE = 'NBAJN-00737-8YWXP'

  test.each([
    'nbajn-00737-8ywxp',
    'NBAJN007378YWXP',
    ' NBAJN 00737\r\n8YWXP\n',
    'N-B-A-J-N-0-0-7-3-7-8-Y-W-X-P',
    'NBAJNoO7378YWXP',
  ])('%j gives the code', (input) => {
    expect(parseSpoken(input, 'reset')).toEqual({ ok: true, code: CODE })
  })

  test('takes O for 0, I and L for 1, and small letters for capitals', () => {
    const code = encodeSpoken([0, 1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 0], 'enrol')
    const spelt = stripHyphens(code)
      .replaceAll('0', 'o')
      .replace('1', 'i')
      .replace('1', 'l')
      .replace('1', 'I')
      .replace('1', 'L')
    expect(spelt).toMatch(/^oil/)
    expect(parseSpoken(spelt, 'enrol')).toEqual({ ok: true, code })
  })

  test('reports a wrong symbol as it was typed, in capitals', () => {
    const symbols = CODE.replaceAll('-', '')
    expect(parseSpoken(put(symbols, [3, 'l']), 'reset')).toMatchObject({
      proposal: { corrections: [{ heard: 'L', shouldBe: 'J' }] },
    })
  })

  test.each([
    ['U', 'the letter that the alphabet leaves out'],
    ['u', 'in small, too'],
    ['.', 'a full stop'],
    ['_', 'an underscore'],
    ['\t', 'a tab'],
    ['{', 'just after z'],
    ['@', 'just before A'],
    ['`', 'just before a'],
    ['\u017f', 'a long s, whose capital is S'],
    ['\u0131', 'a dotless i, whose capital is I'],
    ['\u212a', 'the Kelvin sign, whose small letter is k'],
    ['\uff10', 'a full-width zero'],
    ['\u0663', 'an Arabic three'],
    ['\u2011', 'a hyphen that does not break'],
    ['\u00a0', 'a space that does not break'],
    ['\u{1f600}', 'one character of two units'],
    ['\ud83d', 'half a character'],
  ])('%j is refused at its place: %s', (character) => {
    expect(parseSpoken(`NBAJN-00${character}37-8YWXP`, 'reset')).toEqual({
      ok: false,
      why: 'character',
      at: 7,
      character,
    })
  })

  test('takes any number of symbols without a check, but no unreadable one', () => {
    expect(parseSymbols('nb-a jn')).toEqual([21, 11, 10, 18, 21])
    expect(parseSymbols('oiL')).toEqual([0, 1, 1])
    expect(parseSymbols('')).toEqual([])
    for (const input of ['NBAJU', 'NB?', '\u017f', 'N_B']) expect(parseSymbols(input)).toBeNull()
  })

  test('names a bad character before a wrong length', () => {
    expect(parseSpoken('U', 'reset')).toEqual({ ok: false, why: 'character', at: 0, character: 'U' })
    expect(parseSpoken(`${CODE}U`, 'reset')).toEqual({ ok: false, why: 'character', at: 15, character: 'U' })
  })

  test.each([0, 1, 14, 16, 30, 10_000])('%d symbols are refused', (length) => {
    expect(parseSpoken('7'.repeat(length), 'reset')).toEqual({ ok: false, why: 'length', length })
  })
})

describe('writing', () => {
  const data = fc.array(fc.nat({ max: 31 }), { minLength: DATA_LENGTH, maxLength: DATA_LENGTH })
  const kind = fc.constantFrom(...KINDS)

  test('gives a code that is read back to the same data', () => {
    fc.assert(
      fc.property(data, kind, (symbols, k) => {
        const code = encodeSpoken(symbols, k)
        expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
        expect(parseSpoken(code, k)).toEqual({ ok: true, code })
        expect(decodeSpoken(code)).toEqual(symbols)
        expect(stripHyphens(code)).toBe(code.replace(/-/g, ''))
      }),
    )
  })

  test.each([
    [[]],
    [new Array(12).fill(0)],
    [new Array(14).fill(0)],
    [[32, ...new Array(12).fill(0)]],
    [[-1, ...new Array(12).fill(0)]],
    [[0.5, ...new Array(12).fill(0)]],
  ])('refuses the data %j by name', (symbols) => {
    expect(() => encodeSpoken(symbols, 'reset')).toThrow(new RangeError('data: 13 symbols of 5 bits expected'))
  })

  test('converts numbers to symbols and back', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 25 - 1 }), (value) => {
        const symbols = numberToSymbols(value, 5)
        expect(symbols).toHaveLength(5)
        expect(symbolsToNumber(symbols)).toBe(value)
        expect(symbols.map((v) => v.toString(2).padStart(5, '0')).join('')).toBe(value.toString(2).padStart(25, '0'))
      }),
    )
    expect(numberToSymbols(2 ** 49 + 1, 10)).toEqual([16, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('counts groups and symbols from one', () => {
    expect([0, 4, 5, 14].map(placeOf)).toEqual([
      { group: 1, symbol: 1 },
      { group: 1, symbol: 5 },
      { group: 2, symbol: 1 },
      { group: 3, symbol: 5 },
    ])
  })
})

describe('any text', () => {
  /** The input rules of the specification's §1, implemented in another way. */
  const normalize = (input: string): string =>
    input
      .split(/[ \-\r\n]/)
      .join('')
      .replace(/[a-z]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 32))
      .replace(/O/g, '0')
      .replace(/[IL]/g, '1')

  const units = fc.array(fc.nat({ max: 0xffff }), { maxLength: 24 }).map((codes) => String.fromCharCode(...codes))
  const symbolish = fc.string({ unit: fc.constantFrom(...ALPHABET, ...'oil?- \nuU'), minLength: 13, maxLength: 18 })
  const nearCodes = fc
    .tuple(
      fc.constantFrom(...CODES),
      fc.array(fc.tuple(fc.nat({ max: 16 }), fc.string({ unit: 'binary', maxLength: 2 })), { maxLength: 2 }),
    )
    .map(([{ code }, edits]) =>
      edits.reduce((text, [at, insert]) => text.slice(0, at) + insert + text.slice(at + 1), code as string),
    )
  const anyInput = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), units, symbolish, nearCodes)

  test('causes no exception, and is accepted only if it spells the code', () => {
    fc.assert(
      fc.property(anyInput, fc.constantFrom(...KINDS), (input, kind) => {
        const parsed = parseSpoken(input, kind)
        if (parsed.ok) {
          expect(normalize(input)).toBe(stripHyphens(parsed.code))
          expect(parseSpoken(parsed.code, kind)).toEqual(parsed)
        } else if (parsed.why === 'check' && parsed.proposal) {
          expect(codeOf(parsed.proposal.code, kind)).toBe(parsed.proposal.code)
          expect(parsed.proposal.corrections.length).toBeLessThanOrEqual(2)
        }
      }),
      { numRuns: 3000 },
    )
  })
})
