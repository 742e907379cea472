/** A code in words, so that it survives a bad line: the words of its language, group by group. */
import { KeydeskError } from '../errors.ts'
import { ALPHABETS } from './alphabets.ts'

const SYMBOLS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
const GROUP_LENGTH = 5

export type SpellingLanguage = keyof typeof ALPHABETS
export const SPELLING_LANGUAGES = Object.keys(ALPHABETS) as SpellingLanguage[]

/** `7F122-…` → `[['seven', 'Foxtrot', …], …]`, a list a group. Throws a RangeError on a symbol that has no word. */
export function spellCode(code: string, language: SpellingLanguage): string[][] {
  const words = ALPHABETS[language].words.split(' ')
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
