/**
 * Words for symbols, so that a code survives a bad line: one entry a language, 36 words each, A … Z and then 0 … 9.
 * Only alphabets with one official wording are here; another language is another entry, and nothing else changes.
 */
import { KeydeskError } from '../errors.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const GROUP_LENGTH = 5

const LANGUAGES = {
  en: {
    name: 'English, NATO',
    alias: 'nato',
    /** ICAO Annex 10 II, 5.2.1.3: Alfa and Juliett are its spellings. */
    words:
      'Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November Oscar Papa Quebec ' +
      'Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu zero one two three four five six seven eight nine',
  },
  de: {
    name: 'Deutsch, DIN 5009',
    alias: 'din5009',
    /** DIN 5009:2022-06, the table for business and administration. */
    words:
      'Aachen Berlin Chemnitz Düsseldorf Essen Frankfurt Goslar Hamburg Ingelheim Jena Köln Leipzig München Nürnberg ' +
      'Offenbach Potsdam Quickborn Rostock Salzwedel Tübingen Unna Völklingen Wuppertal Xanten Ypsilon Zwickau ' +
      'null eins zwei drei vier fünf sechs sieben acht neun',
  },
} as const

export type SpellingLanguage = keyof typeof LANGUAGES

/** `7F122-…` → `[['seven', 'Foxtrot', …], …]`, a list a group. Throws a RangeError on a symbol that has no word. */
export function spellCode(code: string, language: SpellingLanguage): string[][] {
  const words = LANGUAGES[language].words.split(' ')
  return splitGroups(code).map((group) => Array.from(group, (symbol) => spellSymbol(symbol, words)))
}

/** A code as its groups: cut at its hyphens or, where it has none, every five symbols. */
export function splitGroups(code: string): string[] {
  if (code.includes('-')) return code.split('-')
  return Array.from({ length: Math.ceil(code.length / GROUP_LENGTH) }, (_, i) =>
    code.slice(i * GROUP_LENGTH, (i + 1) * GROUP_LENGTH),
  )
}

/**
 * The language that `--spell LANG` names: `en`, `NATO`, `de` … Throws a KeydeskError of kind `usage` that lists them.
 */
export function parseLanguage(text: string): SpellingLanguage {
  const wanted = text.trim().toLowerCase()
  const languages = Object.keys(LANGUAGES) as SpellingLanguage[]
  const found = languages.find((language) => language === wanted || LANGUAGES[language].alias === wanted)
  if (found !== undefined) return found
  const known = languages.map((language) => `${language} (${LANGUAGES[language].name})`).join(', ')
  throw new KeydeskError('usage', 'unknown-language', `there is no spelling alphabet "${text}"`, `there are: ${known}`)
}

function spellSymbol(symbol: string, words: readonly string[]): string {
  const word = words[SYMBOLS.indexOf(symbol)]
  if (word === undefined) throw new RangeError('code: a symbol that has no word')
  return word
}
