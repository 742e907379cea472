/** Checks that a CSV file is UTF-8. The refusal names the first line that is not, and the likely encoding. */
import { isUtf8 } from 'node:buffer'
import { KeydeskError } from '../errors.ts'

const MARK = [0xef, 0xbb, 0xbf]
const SAVE = 'save it as CSV UTF-8 (in a spreadsheet: Save as, CSV UTF-8), and import that'

/** The refusal of a file that cannot be imported as it is. */
export function csvRefusal(message: string, line: number | null, hint?: string): KeydeskError {
  const where = line === null ? '' : `line ${line}: `
  const refusal = { kind: 'damaged', reason: 'bad-file', message: `${where}${message}` } as const
  return KeydeskError.of({ ...refusal, ...(hint !== undefined && { hint }), details: { line } })
}

export function withoutMark(bytes: Uint8Array): Uint8Array {
  return MARK.every((byte, i) => bytes[i] === byte) ? bytes.subarray(MARK.length) : bytes
}

export function requireUtf8(bytes: Uint8Array): void {
  const isWide = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  if (isWide) throw csvRefusal('the file is UTF-16, not UTF-8', 1, SAVE)
  if (isUtf8(bytes)) return
  const line = findBadLine(bytes)
  const message = looksLikeLatin1(bytes) ? 'not UTF-8; the file looks like Latin-1 (Windows-1252)' : 'not UTF-8'
  throw csvRefusal(message, line, SAVE)
}

/** Returns the first line whose bytes are not UTF-8. A line end never stands inside a UTF-8 character. */
function findBadLine(bytes: Uint8Array): number {
  let line = 1
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(10, from)
    const until = end === -1 ? bytes.length : end
    if (!isUtf8(bytes.subarray(from, until))) return line
    from = until + 1
  }
  return line
}

/**
 * Western code pages write single letters beyond ASCII, but UTF-8 writes at least two such bytes in a row. So at most a
 * quarter of these bytes may be followed by another one.
 */
function looksLikeLatin1(bytes: Uint8Array): boolean {
  let high = 0
  let pairs = 0
  for (let i = 0; i < bytes.length; i++) {
    if ((bytes[i] as number) < 0x80) continue
    high++
    if ((bytes[i + 1] ?? 0) >= 0x80) pairs++
  }
  return high > 0 && pairs * 4 <= high
}
