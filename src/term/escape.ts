/**
 * Escapes foreign text for a terminal.
 * - Characters that are invisible or move visible ones are written as `\u{202e}`: controls, bidi, zero-width, tags,
 *   variation selectors, unassigned.
 * - Names on entry are accepted only if they need no escape.
 * - The backslash itself is not escaped: `ACME\anna` stays readable, and escaping twice changes nothing. A name must
 *   not contain `\u{`, so that no stored name imitates an escape.
 */
import { KeydeskError } from '../errors.ts'

/**
 * All of \p{C} (control, format, surrogate, private, unassigned), line and paragraph separators, and characters that
 * draw nothing. This pattern and the two below are created on first use: each is a Unicode table, and together they
 * cost 1 ms.
 */
const hidden = () => /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu
const PLAIN_ASCII = /^[ -~]*$/
/**
 * Everything except ASCII, line feeds, and visible Latin letters and quotes. Line feeds separate documents; inside a
 * document JSON escapes them anyway.
 */
const NOT_PLAIN = /[^ -~\n\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e]+/g
const marks = () => /\p{M}+/gu
/**
 * Marks that stack on one letter. Spacing marks (most vowels of Indic scripts and Burmese) have a column of their own.
 */
const stacking = () => /[\p{Mn}\p{Me}]/u
const MARKS_IN_A_ROW = 4
const NAME_LENGTH = 200
/**
 * A fast path for names that need no change: ASCII and visible Latin letters and quotes, assigned and in NFC. No outer
 * spaces, no backslash, no soft hyphen. Imports check names by the hundred thousand.
 */
const PLAIN_NAME =
  /^[!-[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e](?:[ -[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e]{0,198}[!-[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e])?$/

/** One line that shows `text` and has no other effect on a terminal. */
export function escapeText(text: string): string {
  if (PLAIN_ASCII.test(text)) return text
  return text.replace(hidden(), escapeCharacter).replace(marks(), boundMarks)
}

/** JSON text that is safe on a terminal and has the same meaning: hidden characters become `\uXXXX`. */
export function escapeJson(json: string): string {
  if (PLAIN_ASCII.test(json)) return json
  const escapeHidden = (found: string) => found.split('').map(escapeUnit).join('')
  // Only runs of other characters are matched against the Unicode tables, because most of a document is plain.
  return json.replace(NOT_PLAIN, (run) => run.replace(hidden(), escapeHidden))
}

/**
 * Checks a name, model, user, ticket or reason on entry, and returns it trimmed and in NFC. It has 1 … 200 characters
 * and nothing hidden. `what` names it in the error. Throws a KeydeskError of kind `usage`.
 */
export function checkName(text: string, what: string): string {
  if (PLAIN_NAME.test(text)) return text
  const name = text.normalize('NFC').trim()
  if (name === '') throw new KeydeskError('usage', 'bad-name', `${what} is empty`)
  const characters = Array.from(name)
  if (characters.length > NAME_LENGTH) {
    throw new KeydeskError('usage', 'bad-name', `${what} is longer than ${NAME_LENGTH} characters`)
  }
  if (name.includes('\\u{')) throw new KeydeskError('usage', 'bad-name', `${what} must not contain "\\u{"`)
  if (escapeText(name) === name) return name
  const message = `${what} has a character that cannot be shown, number ${firstHidden(characters)}`
  throw new KeydeskError('usage', 'bad-name', `${message}: ${escapeText(name)}`, 'type it again without that character')
}

/** The place, from 1, of the first character that escaping changes. */
function firstHidden(characters: readonly string[]): number {
  const shown = Array.from(escapeText(characters.join('')))
  return characters.findIndex((character, i) => character !== shown[i]) + 1
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) as number).toString(16)}}`
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/**
 * Escapes stacking marks after the fourth, which would cover the lines above. Escapes all at the start of the text,
 * because they would change the character before the text.
 */
function boundMarks(run: string, offset: number): string {
  const stacks = stacking()
  let stacked = offset === 0 ? MARKS_IN_A_ROW : 0
  const bound = (mark: string) => (stacks.test(mark) && ++stacked > MARKS_IN_A_ROW ? escapeCharacter(mark) : mark)
  return Array.from(run, bound).join('')
}
