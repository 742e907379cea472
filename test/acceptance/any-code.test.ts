/**
 * Guards `reset confirm` against any input: it never crashes, never gives exit 1, and never shows a code that the MAC
 * did not prove. A short run feeds 500 strings and the edits of 2 codes. `npm run torture -- codes` feeds 10,000
 * strings and the edits of 100 codes.
 */
import { describe, expect, it } from 'vitest'
import { ALPHABET, decodeSpoken, encodeSpoken, type ResetCode } from '../../src/crypto/spoken.ts'
import { type Bench, createDesk, invitePhone, type Outcome, type Phone, readJson, run } from '../commands/bench.ts'
import { isLong, report } from '../torture/campaign.ts'
import { seededNumbers } from './numbers.ts'

const [STRINGS, CODES, PHONES] = isLong ? [10_000, 100, 20] : [500, 2, 2]
const next = seededNumbers('any code')
const pick = <T>(list: ArrayLike<T>): T => list[next(list.length)] as T

/** Gives the text by stdin and as an argument, in turns. A text that begins with `-`, like an option, goes by stdin. */
async function confirm(bench: Bench, text: string, turn: number): Promise<Outcome> {
  const piped = turn % 2 === 0 || text.startsWith('-')
  return piped ? run(bench, ['reset', 'confirm', '-'], { input: text }) : run(bench, ['reset', 'confirm', text])
}

/** Replaces `wrong` symbols of a code by others and `unreadable` symbols by `?`, all at different places. */
function spoil(code: string, wrong: number, unreadable: number): string {
  const symbols = [...code.replaceAll('-', '')]
  const places = symbols.map((_, i) => i).sort(() => next(2) - 0.5)
  places.slice(0, wrong).forEach((at) => {
    symbols[at] = pick([...ALPHABET].filter((symbol) => symbol !== symbols[at]))
  })
  places.slice(wrong, wrong + unreadable).forEach((at) => {
    symbols[at] = '?'
  })
  return symbols.join('')
}

const UNICODE = [
  'ſ',
  'ı',
  'Ｏ',
  '０',
  '\u0000',
  '\u001b[2J',
  '\u202e',
  '😀',
  '\ud800',
  'Å',
  '\r\n',
  '\t',
  '–',
  'ß',
  '\u00a0',
]
const draw = (count: number, symbol: () => string): string => Array.from({ length: count }, symbol).join('')

/**
 * A code with valid check symbols and the tag and epoch of `code`, or random ones for null. Only the MAC refuses it.
 */
function forge(code: string | null): string {
  const claim = code === null ? [] : decodeSpoken(code as ResetCode).slice(0, 8)
  return encodeSpoken([...claim, ...Array.from({ length: 13 - claim.length }, () => next(32))], 'reset')
}

/** Inputs that people, scripts and enemies type. None of them is a valid code. */
const KINDS: readonly ((phones: readonly Phone[]) => string)[] = [
  () => draw(15, () => pick(ALPHABET)),
  () => draw(next(40), () => pick(`${ALPHABET}${ALPHABET.toLowerCase()}OIL-? `)),
  () => draw(next(20), () => String.fromCharCode(next(0x10000))),
  () => draw(next(20), () => pick([...ALPHABET, ...UNICODE])),
  () => draw(next(2_000), () => pick(ALPHABET)),
  (phones) => spoil(pick(phones).resetCode(next(3)), 1, 0),
  (phones) => spoil(pick(phones).resetCode(next(3)), 2 + next(3), 0),
  (phones) => spoil(pick(phones).resetCode(next(3)), 1 + next(2), 1 + next(2)),
  (phones) => spoil(pick(phones).resetCode(next(3)), 0, 3 + next(12)),
  (phones) => forge(pick(phones).resetCode(next(3))),
  () => forge(null),
  (phones) => pick(phones).confirmationCode(next(3)),
  (phones) => pick(phones).enrolmentCode,
]

/** All texts that are one symbol away: 465 substitutions, 15 deletions, 512 insertions, without duplicates. */
function editsOf(code: string): string[] {
  const symbols = [...code.replaceAll('-', '')]
  const substituted = symbols.flatMap((symbol, i) =>
    [...ALPHABET].filter((other) => other !== symbol).map((other) => symbols.with(i, other)),
  )
  const deleted = symbols.map((_, i) => symbols.toSpliced(i, 1))
  const inserted = [...symbols, ''].flatMap((_, i) => [...ALPHABET].map((other) => symbols.toSpliced(i, 0, other)))
  return [...new Set([...substituted, ...deleted, ...inserted].map((edit) => edit.join('')))]
}

/**
 * Counts how often each exit code came. Throws at once, with the input, for exit 0 or 1, any stdout, or an internal
 * error.
 */
async function feed(bench: Bench, texts: Iterable<string>): Promise<Record<number, number>> {
  const exits: Record<number, number> = {}
  let turn = 0
  for (const text of texts) {
    const { exit, out, err } = await confirm(bench, text, turn++)
    const silent = out === '' && ![0, 1].includes(exit) && !err.includes('internal')
    if (!silent) throw new Error(`exit ${exit} on ${JSON.stringify(text)}: ${out}${err}`)
    exits[exit] = (exits[exit] ?? 0) + 1
  }
  return exits
}

async function invitePhones(bench: Bench, count: number): Promise<Phone[]> {
  const phones: Phone[] = []
  for (let i = 0; i < count; i++) phones.push(await invitePhone(bench, `user${i}@example.ch`))
  return phones
}

describe('reset confirm, fed with any input', () => {
  it(`confirms none of ${STRINGS} strings`, { timeout: 600_000 }, async () => {
    const bench = await createDesk()
    const phones = await invitePhones(bench, PHONES)
    const exits = await feed(
      bench,
      Array.from({ length: STRINGS }, (_, i) => (KINDS[i % KINDS.length] as (typeof KINDS)[0])(phones)),
    )
    // Each refusal occurred: empty (2), misread (3), not genuine (4), of a device that is blocked by now (6), of no
    // device (7).
    expect(Object.keys(exits)).toEqual(['2', '3', '4', '6', '7'])
    expect(Object.values(exits).reduce((sum, count) => sum + count)).toBe(STRINGS)
    report('codes', { strings: STRINGS, exits })
  })

  it(`confirms none of the edits of ${CODES} codes, and all of the codes`, { timeout: 1_200_000 }, async () => {
    const bench = await createDesk()
    const phones = await invitePhones(bench, CODES)
    const exits = await feed(
      bench,
      phones.flatMap((phone) => editsOf(phone.resetCode())),
    )
    expect(exits).toEqual({ 3: expect.any(Number) })
    expect(exits[3]).toBeGreaterThan(CODES * (465 + 15 + 465))
    report('codes', { codes: CODES, edits: exits[3] })
    for (const phone of phones)
      expect(await confirm(bench, phone.resetCode(), 1)).toMatchObject({
        exit: 0,
        out: `${phone.confirmationCode()}\n`,
      })
    // An edit that points at its own correction is not counted as a wrong code, so no device is blocked.
    const devices = await readJson<{ state: string }[]>(bench, ['device', 'list'])
    expect(devices.every(({ state }) => state === 'active')).toBe(true)
  })
})
