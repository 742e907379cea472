/** The tag of a device: 25 bits, and the first group of its reset codes (specification §2). */
import { numberToSymbols, parseSymbols, symbolsToNumber, writeSymbols } from './spoken.ts'

export const TAG_BITS = 25
export const TAG_SYMBOLS = 5

/** As it stands in the code: five symbols. */
export const formatTag = (tag: number): string => writeSymbols(numberToSymbols(tag, TAG_SYMBOLS))

/** A tag as it is typed: its number, or the five symbols that begin a reset code. Null for anything else. */
export function parseTag(text: string): number | null {
  // Five digits are five symbols; a number of that length can be written with a leading 0.
  if (/^\d{1,8}$/.test(text) && text.length !== TAG_SYMBOLS) return Number(text) < 2 ** TAG_BITS ? Number(text) : null
  const symbols = parseSymbols(text)
  return symbols?.length === TAG_SYMBOLS ? symbolsToNumber(symbols) : null
}
