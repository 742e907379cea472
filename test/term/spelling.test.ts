/** The words of each spelling alphabet, and the names of the languages. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALPHABET } from '../../src/crypto/spoken.ts'
import { ALPHABETS } from '../../src/term/alphabets.ts'
import { parseLanguage, SPELLING_LANGUAGES, spellCode, splitGroups } from '../../src/term/spelling.ts'

/** The word without its accents. */
const plain = (word: string) => word.normalize('NFD').replaceAll(/\p{M}/gu, '')

describe('spellCode', () => {
  test('spells group by group, digits in words', () => {
    expect(spellCode('7F122-00737-8YWXP', 'en')).toEqual([
      ['seven', 'Foxtrot', 'one', 'two', 'two'],
      ['zero', 'zero', 'seven', 'three', 'seven'],
      ['eight', 'Yankee', 'Whiskey', 'X-ray', 'Papa'],
    ])
    expect(spellCode('KM0', 'de')).toEqual([['Köln', 'München', 'null']])
  })

  test('has the NATO words in their own spelling', () => {
    expect(spellCode('ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'en').flat().join(' ')).toBe(
      'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec ' +
        'Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu',
    )
  })

  test.each(SPELLING_LANGUAGES)(
    'has no word twice in %s, and the word of a letter begins with that letter',
    (language) => {
      const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
      const words = spellCode(symbols, language).flat()
      expect(words).toHaveLength(36)
      expect(new Set(words.map(plain)).size).toBe(36)
      expect(words.slice(0, 26).map((word) => plain(word).charAt(0).toUpperCase())).toEqual(
        Array.from(symbols.slice(0, 26)),
      )
      // A digit cannot be taken for a letter: its word begins with a small letter, the word of a letter with a capital.
      for (const word of words.slice(26)) expect(word).toBe(word.toLowerCase())
      for (const word of words.slice(0, 26)) expect(word.charAt(0)).not.toBe(word.charAt(0).toLowerCase())
    },
  )

  test('spells any code in any language so that its words give the code back', () => {
    const symbol = fc.constantFrom(...ALPHABET)
    const code = fc.array(symbol, { minLength: 1, maxLength: 20 }).map((list) => list.join(''))
    fc.assert(
      fc.property(code, fc.constantFrom(...SPELLING_LANGUAGES), (text, language) => {
        const byWord = new Map(Array.from(ALPHABET, (one) => [spellCode(one, language)[0]?.[0], one]))
        const heard = spellCode(text, language).flat()
        expect(heard.map((word) => byWord.get(word)).join('')).toBe(text)
      }),
    )
  })

  test('refuses a symbol that has no word', () => {
    expect(() => spellCode('7F1?2', 'en')).toThrow(RangeError)
  })
})

test('splitGroups cuts at hyphens, and every five symbols where there are none', () => {
  expect(splitGroups('7F122-00737-8YWXP')).toEqual(['7F122', '00737', '8YWXP'])
  expect(splitGroups('7F122007378YWXP')).toEqual(['7F122', '00737', '8YWXP'])
  expect(splitGroups('0441-123456')).toEqual(['0441', '123456'])
})

describe('parseLanguage', () => {
  test.each([
    ['en', 'en'],
    ['NATO', 'en'],
    [' De ', 'de'],
    ['din5009', 'de'],
    ['Schweiz', 'de-ch'],
    ['FR', 'fr'],
  ])('%s is %s', (text, language) => {
    expect(parseLanguage(text)).toBe(language)
  })

  test.each(['', 'klingon', '__proto__', 'constructor'])('refuses %j, and lists the languages', (text) => {
    expect(() => parseLanguage(text)).toThrow(
      expect.objectContaining({
        refusal: expect.objectContaining({
          kind: 'usage',
          hint: expect.stringMatching(
            /^there are: en \(English, NATO\), de \(Deutsch, DIN 5009\), de-ch .*, nl \(Nederlands\)$/,
          ),
        }),
      }),
    )
  })
})

test('the tables of docs/spelling.md are those of the code', () => {
  const page = readFileSync(new URL('../../docs/spelling.md', import.meta.url), 'utf8')
  const rows = Array.from(
    page.matchAll(/^\| `([\w-]+)` \| (.+) \| `(.+)` \| (.+) \| (.+) \|$/gm),
    ([, ...cells]) => cells,
  )
  const wanted = SPELLING_LANGUAGES.map((language) => {
    const { name, alias, words, source } = ALPHABETS[language]
    return [language, name, alias, words, source]
  })
  expect(rows).toEqual(wanted)
})
