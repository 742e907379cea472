/**
 * Foreign text before it meets a terminal. Whatever cannot be seen, or moves what can be seen (controls, bidi,
 * zero-width, tags, variation selectors, unassigned), is written out as `\u{202e}`. What is accepted on entry is what
 * needs none of it. The backslash itself stays: `ACME\anna` reads as it is, and escaping twice changes nothing. So that
 * no stored name can imitate an escape, a name may not contain `\u{`.
 */
import { KeydeskError } from '../errors.ts'

/**
 * All of \p{C} (control, format, surrogate, private, unassigned), line and paragraph separators, what draws nothing.
 * Made when it is first needed, as the two below: each is a table of Unicode, and together they cost 1 ms to make.
 */
const hidden = () => /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu
const PLAIN_ASCII = /^[ -~]*$/
/** Beyond ASCII and the Latin letters and quotes that are seen. A line end parts documents; inside one it is written as an escape anyway. */
const NOT_PLAIN = /[^ -~\n\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e]+/g
const marks = () => /\p{M}+/gu
/** Marks that stack on one letter; spacing marks (most of Indic and Burmese vowels) take a place of their own. */
const stacking = () => /[\p{Mn}\p{Me}]/u
const MARKS_IN_A_ROW = 4
const NAME_LENGTH = 200
/**
 * A name that all below leaves as it is: ASCII and the Latin letters and quotes beyond it that are seen, assigned and in NFC by
 * themselves; no spaces around it, no backslash, no soft hyphen. Imports check names by the hundred thousand.
 */
const PLAIN_NAME =
  /^[!-[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e](?:[ -[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e]{0,198}[!-[\]-~\u00a1-\u00ac\u00ae-\u024f\u2018-\u201e])?$/

/** One line that shows what `text` holds and does nothing else to a terminal. */
export function escapeText(text: string): string {
  if (PLAIN_ASCII.test(text)) return text
  return text.replace(hidden(), escapeCharacter).replace(marks(), boundMarks)
}

/** JSON text that is as harmless on a terminal, and still the same JSON: hidden characters as `\uXXXX`. */
export function escapeJson(json: string): string {
  if (PLAIN_ASCII.test(json)) return json
  const escapeHidden = (found: string) => found.split('').map(escapeUnit).join('')
  // Only what is not plain is held against the tables: most of a document is.
  return json.replace(NOT_PLAIN, (run) => run.replace(hidden(), escapeHidden))
}

/**
 * A name, model, user, ticket or reason as it is accepted on entry: trimmed, NFC, 1 … 200 characters, nothing hidden.
 * `what` names it in the error. Throws a KeydeskError of kind `usage`.
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
 * Marks beyond the fourth would climb over the lines above; one with no letter before it would deface its neighbour.
 */
function boundMarks(run: string, offset: number): string {
  const stacks = stacking()
  let stacked = offset === 0 ? MARKS_IN_A_ROW : 0
  const bound = (mark: string) => (stacks.test(mark) && ++stacked > MARKS_IN_A_ROW ? escapeCharacter(mark) : mark)
  return Array.from(run, bound).join('')
}
