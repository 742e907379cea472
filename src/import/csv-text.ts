/** The bytes of a CSV file as text: UTF-8, or a refusal that says on which line it is not, and what it looks like instead. */
import { isUtf8 } from 'node:buffer'
import { KeydeskError } from '../errors.ts'

const MARK = [0xef, 0xbb, 0xbf]
const SAVE = 'save it as CSV UTF-8 (in a spreadsheet: Save as, CSV UTF-8), and import that'

/** Of a file that cannot be imported as it is. */
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

/** The first line with bytes that are no UTF-8; a character never goes beyond its line. */
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

/** Letters beyond ASCII that stand alone, as a Western code page writes them: no two in a row, and no control character. */
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
