/** The tag of a device: 25 bits, and the first group of its reset codes (specification §2). */
import { numberToSymbols, parseSymbols, symbolsToNumber, writeSymbols } from './spoken.ts'

export const TAG_BITS = 25
export const TAG_SYMBOLS = 5

/** The five symbols with which the device's reset codes begin. */
export const formatTag = (tag: number): string => writeSymbols(numberToSymbols(tag, TAG_SYMBOLS))

/** Reads a typed tag: its number, or the five symbols that begin a reset code. Null for anything else. */
export function parseTag(text: string): number | null {
  // Five digits are read as five symbols. To mean a number of five digits, the operator types a leading 0.
  if (/^\d{1,8}$/.test(text) && text.length !== TAG_SYMBOLS) return Number(text) < 2 ** TAG_BITS ? Number(text) : null
  const symbols = parseSymbols(text)
  return symbols?.length === TAG_SYMBOLS ? symbolsToNumber(symbols) : null
}
