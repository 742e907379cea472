/**
 * The reset code while the operator types it.
 * - Only symbols of the alphabet and `?` are accepted.
 * - As soon as all fifteen symbols are there, the check symbols say what is wrong and where (§1).
 * - The reset code is no secret, and this file does not ask the desk.
 */
import {
  ALPHABET,
  CODE_LENGTH,
  type ParsedSpoken,
  parseSpoken,
  parseSymbols,
  placeOf,
  UNREADABLE,
} from '../../../crypto/spoken.ts'
import { TAG_SYMBOLS } from '../../../crypto/tag.ts'
import type { HeardCode } from '../../../desk/reset/heard-code.ts'
import type { Key } from '../../../term/keys.ts'

/** The typed symbols in canonical form, and the place of the next one, from 0. */
export type CodeEntry = { readonly text: string; readonly cursor: number }
export const EMPTY_ENTRY: CodeEntry = { text: '', cursor: 0 }
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth']
const KINDS = { reset: 'a reset code', confirm: 'a confirmation code', enrol: 'an enrolment code' } as const
const SEPARATOR = /[\s-]/

/** `bad` is the first character that is in no code. Null if there is none. */
export type Typed = { readonly entry: CodeEntry; readonly bad: string | null }

/** Returns null for a key that does not edit the code. */
export function editCode(entry: CodeEntry, { name, text }: Key): Typed | null {
  const { cursor } = entry
  const moved = (to: number): Typed => ({ entry: { ...entry, cursor: to }, bad: null })
  if (name === 'text') return typeSymbols(entry, text)
  // A pasted whole code replaces all typed symbols.
  if (name === 'paste') return typeSymbols(holdsCode(text) ? EMPTY_ENTRY : entry, text)
  if (name === 'backspace') return { entry: cut(entry, cursor - 1), bad: null }
  if (name === 'delete') return { entry: { ...cut(entry, cursor), cursor }, bad: null }
  if (name === 'ctrl-u') return { entry: EMPTY_ENTRY, bad: null }
  if (name === 'left') return moved(Math.max(0, cursor - 1))
  if (name === 'right') return moved(Math.min(entry.text.length, cursor + 1))
  if (name === 'home') return moved(0)
  return name === 'end' ? moved(entry.text.length) : null
}

/** The symbol for a typed character; `?` for itself. Null for a character that is in no code. */
export function readSymbol(character: string): string | null {
  if (character === UNREADABLE) return UNREADABLE
  const [value] = parseSymbols(character) ?? []
  return value === undefined ? null : (ALPHABET[value] as string)
}

/** Types the symbols one by one, up to the first character that is in no code. */
function typeSymbols(entry: CodeEntry, text: string): Typed {
  let { text: typed, cursor } = entry
  for (const character of text) {
    if (SEPARATOR.test(character)) continue
    const symbol = readSymbol(character)
    if (symbol === null) return { entry: { text: typed, cursor }, bad: character }
    // In a whole code a typed symbol replaces the one at the cursor. In a shorter code it is inserted.
    const over = typed.length === CODE_LENGTH ? 1 : 0
    if (cursor === CODE_LENGTH) break
    typed = typed.slice(0, cursor) + symbol + typed.slice(cursor + over)
    cursor++
  }
  return { entry: { text: typed, cursor }, bad: null }
}

function cut({ text, cursor }: CodeEntry, at: number): CodeEntry {
  if (at < 0) return { text, cursor }
  return { text: text.slice(0, at) + text.slice(at + 1), cursor: at }
}

const holdsCode = (text: string): boolean => Array.from(text).filter((c) => !SEPARATOR.test(c)).length >= CODE_LENGTH

/** The symbols of the tag. Null until all of them are typed and none is `?`. */
export function tagSymbols(text: string): string | null {
  const tag = text.slice(0, TAG_SYMBOLS)
  return tag.length === TAG_SYMBOLS && !tag.includes(UNREADABLE) ? tag : null
}

export type Judged =
  | { readonly kind: 'partial'; readonly left: number }
  /** The check passed, or the missing symbols are filled in. The desk can check the code now. */
  | { readonly kind: 'whole'; readonly heard: HeardCode }
  /**
   * The symbol at `at` is wrong. `heard` is the corrected code, for the case that the caller repeats the same symbol.
   */
  | { readonly kind: 'located'; readonly at: number; readonly have: string; readonly heard: HeardCode }
  | { readonly kind: 'wrong'; readonly message: string; readonly at: number | null }

export function judgeEntry({ text }: CodeEntry): Judged {
  if (text.length < CODE_LENGTH) return { kind: 'partial', left: CODE_LENGTH - text.length }
  const parsed = parseSpoken(text, 'reset')
  if (parsed.ok) return { kind: 'whole', heard: { code: parsed.code, corrections: [], corrected: 'nothing' } }
  return judgeFailed(parsed)
}

function judgeFailed(parsed: Extract<ParsedSpoken<'reset'>, { ok: false }>): Judged {
  if (parsed.why === 'kind')
    return { kind: 'wrong', message: `this is ${KINDS[parsed.kind]}, not a reset code`, at: null }
  // The alphabet and the length were checked while typing.
  if (parsed.why !== 'check') return { kind: 'wrong', message: 'this is no reset code', at: null }
  const { unreadable, proposal } = parsed
  if (unreadable.length > 2)
    return {
      kind: 'wrong',
      message: `${unreadable.length} symbols are missing; two at most can be filled in`,
      at: unreadable[0] ?? null,
    }
  if (proposal === null && unreadable.length > 0)
    return {
      kind: 'wrong',
      message: 'another symbol is wrong, beside the one that is missing',
      at: unreadable[0] ?? null,
    }
  if (proposal === null) return { kind: 'wrong', message: 'more than one symbol is wrong', at: null }
  const { code, corrections } = proposal
  if (unreadable.length > 0) return { kind: 'whole', heard: { code, corrections, corrected: 'unreadable' } }
  const [{ at, heard: have }] = corrections as [(typeof corrections)[number]]
  return { kind: 'located', at, have, heard: { code, corrections, corrected: 'agreed' } }
}

/** "group 2, third symbol". */
export function namePlace(at: number): string {
  const { group, symbol } = placeOf(at)
  return `group ${group}, ${ORDINALS[symbol - 1]} symbol`
}
