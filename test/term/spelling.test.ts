/** The words of each alphabet, and how a language is asked for. */
import { describe, expect, test } from 'vitest'
import { ALPHABET } from '../../src/crypto/spoken.ts'
import { parseLanguage, spellCode, splitGroups } from '../../src/term/spelling.ts'

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

  test.each(['en', 'de'] as const)(
    'has a word of its own for every symbol in %s, letters by their initial',
    (language) => {
      const words = spellCode(ALPHABET, language).flat()
      expect(words).toHaveLength(32)
      expect(new Set(words).size).toBe(32)
      expect(words.slice(10).map((word) => word.charAt(0))).toEqual(Array.from(ALPHABET.slice(10)))
    },
  )

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
  ])('%s is %s', (text, language) => {
    expect(parseLanguage(text)).toBe(language)
  })

  test.each(['', 'klingon', '__proto__', 'constructor'])('refuses %j, and lists what there is', (text) => {
    expect(() => parseLanguage(text)).toThrow(
      expect.objectContaining({
        refusal: expect.objectContaining({
          kind: 'usage',
          hint: 'there are: en (English, NATO), de (Deutsch, DIN 5009)',
        }),
      }),
    )
  })
})
