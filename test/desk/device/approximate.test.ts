/**
 * Approximate search for a word, compared with its definition.
 * The definition is the least Levenshtein distance to any part of the text.
 * Two exchanged neighbours count as one mistake.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApproximation } from '../../../src/desk/device/approximate.ts'

/** The least number of wrong, missing and extra letters between the word and any part of the text. */
function leastDistance(word: string, text: string): number {
  let row = Array.from({ length: text.length + 1 }, () => 0)
  for (let i = 1; i <= word.length; i++) {
    const next = [i]
    for (let j = 1; j <= text.length; j++) {
      const same = word[i - 1] === text[j - 1] ? 0 : 1
      next.push(Math.min((row[j - 1] as number) + same, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return Math.min(...row)
}

function expected(word: string, text: string): number | null {
  const most = word.length < 4 ? 0 : word.length < 8 ? 1 : 2
  const swapped = Array.from(word, (_, i) => word.slice(0, i) + (word[i + 1] ?? '') + word[i] + word.slice(i + 2))
  const isSwapped = most > 0 && swapped.slice(0, -1).some((each) => text.includes(each))
  const least = Math.min(leastDistance(word, text), isSwapped ? 1 : 99)
  return least <= most ? least : null
}

test('any word in any text has the distance of the definition', () => {
  const letters = (min: number, max: number) =>
    fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: min, maxLength: max })
  fc.assert(
    fc.property(letters(1, 12), letters(0, 24), (word, text) => {
      expect(createApproximation(word)(text)).toBe(expected(word, text))
    }),
    { numRuns: 5_000 },
  )
})

test('a word with one slip is found with at most one mistake', () => {
  const slip = fc.record({ at: fc.nat(30), what: fc.constantFrom('drop', 'add', 'change', 'swap') })
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z]{4,28}$/), slip, (word, { at, what }) => {
      const i = at % (word.length - 1)
      const said = {
        drop: word.slice(0, i) + word.slice(i + 1),
        add: `${word.slice(0, i)}x${word.slice(i)}`,
        change: `${word.slice(0, i)}é${word.slice(i + 1)}`,
        swap: word.slice(0, i) + word[i + 1] + word[i] + word.slice(i + 2),
      }[what]
      const found = createApproximation(said)(`phone of ${word} at work`)
      if (said.length >= 4) expect(found).toBeLessThanOrEqual(1)
    }),
    { numRuns: 2_000 },
  )
})

test('a word with more letters than an integer has bits is searched for by its beginning', () => {
  const word = 'abcdefghijklmnopqrstuvwxyz0123456789'
  expect(createApproximation(word)(`of ${word}`)).toBe(0)
  expect(createApproximation(word)(`of ${word.replace('f', '!')}`)).toBe(1)
  expect(createApproximation(word)('of somebody else')).toBeNull()
})
