/** Spells a code in words, group by group, so that it survives a bad telephone line. */
import { KeydeskError } from '../errors.ts'
import { ALPHABETS } from './alphabets.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const GROUP_LENGTH = 5

export type SpellingLanguage = keyof typeof ALPHABETS
export const SPELLING_LANGUAGES = Object.keys(ALPHABETS) as SpellingLanguage[]

/** `7F122-…` → `[['seven', 'Foxtrot', …], …]`, one list per group. Throws a RangeError on a symbol without a word. */
export function spellCode(code: string, language: SpellingLanguage): string[][] {
  const words = ALPHABETS[language].words.split(' ')
  return splitGroups(code).map((group) => Array.from(group, (symbol) => spellSymbol(symbol, words)))
}

/** The groups of a code: split at its hyphens, or every five symbols if it has none. */
export function splitGroups(code: string): string[] {
  if (code.includes('-')) return code.split('-')
  return Array.from({ length: Math.ceil(code.length / GROUP_LENGTH) }, (_, i) =>
    code.slice(i * GROUP_LENGTH, (i + 1) * GROUP_LENGTH),
  )
}

/**
 * The language of `--spell LANG`: `en`, `NATO`, `de` … Throws a KeydeskError of kind `usage` that lists the languages.
 */
export function parseLanguage(text: string): SpellingLanguage {
  const wanted = text.trim().toLowerCase()
  const found = SPELLING_LANGUAGES.find((language) => language === wanted || ALPHABETS[language].alias === wanted)
  if (found !== undefined) return found
  const known = SPELLING_LANGUAGES.map((language) => `${language} (${ALPHABETS[language].name})`).join(', ')
  throw new KeydeskError('usage', 'unknown-language', `there is no spelling alphabet "${text}"`, `there are: ${known}`)
}

function spellSymbol(symbol: string, words: readonly string[]): string {
  const word = words[SYMBOLS.indexOf(symbol)]
  if (word === undefined) throw new RangeError('code: a symbol that has no word')
  return word
}
