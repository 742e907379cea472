/** The state of an input line, and the new state after each key. Pure. */
import { escapeText } from './escape.ts'
import type { Key } from './keys.ts'
import { displayWidth } from './width.ts'

/** `cursor` counts characters from 0. */
export type Line = { readonly text: string; readonly cursor: number }
export const EMPTY_LINE: Line = { text: '', cursor: 0 }
const LONGEST = 200

export const lineOf = (text: string): Line => ({ text, cursor: Array.from(text).length })

/** Returns null for a key that does not edit a line. */
export function editLine(line: Line, { name, text }: Key): Line | null {
  const characters = Array.from(line.text)
  const { cursor } = line
  const cut = (from: number, to: number): Line => ({
    text: characters.filter((_, i) => i < from || i >= to).join(''),
    cursor: Math.min(from, cursor),
  })
  if (name === 'text' || name === 'paste') return insert(characters, cursor, text)
  if (name === 'backspace') return cursor === 0 ? line : { ...cut(cursor - 1, cursor), cursor: cursor - 1 }
  if (name === 'delete') return cut(cursor, cursor + 1)
  if (name === 'ctrl-u') return EMPTY_LINE
  if (name === 'left') return { ...line, cursor: Math.max(0, cursor - 1) }
  if (name === 'right') return { ...line, cursor: Math.min(characters.length, cursor + 1) }
  if (name === 'home') return { ...line, cursor: 0 }
  return name === 'end' ? lineOf(line.text) : null
}

/** Line ends and tabs in pasted text become blanks. */
function insert(characters: readonly string[], cursor: number, text: string): Line {
  const given = Array.from(text.replace(/\s+/g, ' ')).slice(0, LONGEST - characters.length)
  return {
    text: [...characters.slice(0, cursor), ...given, ...characters.slice(cursor)].join(''),
    cursor: cursor + given.length,
  }
}

/**
 * The visible part of the line in `width` columns, and the column of its cursor. The part around the cursor stays
 * visible.
 */
export function showLine({ text, cursor }: Line, width: number): { readonly text: string; readonly column: number } {
  const characters = Array.from(text)
  const shown = (from: number, to: number) => escapeText(characters.slice(from, to).join(''))
  let from = 0
  while (from < cursor && displayWidth(shown(from, cursor)) >= width) from++
  let to = characters.length
  while (to > cursor && displayWidth(shown(from, to)) >= width) to--
  return { text: shown(from, to), column: displayWidth(shown(from, cursor)) }
}
