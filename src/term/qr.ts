/**
 * A QR code on a terminal, with two modules per character.
 * - Each line sets its own black and white, so that it scans on every background. These are fixed colours of the 256,
 *   which no theme changes.
 * - A quiet zone of four modules surrounds the code, as the standard requires.
 */
import { joinLines } from './width.ts'

const WHITE_ON_BLACK = '\u001b[38;5;231;48;5;16m'
const RESET = '\u001b[0m'
/** The quiet zone has four modules. qrcode-terminal draws one at each side, so three are missing. */
const MISSING = 3
/** A character with two white modules. */
const BLANK = '█'

/** The lines of a QR code that holds the text as UTF-8. The width is (modules + 8) columns. */
export async function renderQr(text: string): Promise<string> {
  const { default: library } = await import('qrcode-terminal')
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const drawn = await new Promise<string>((resolve) => library.generate(bytes, { small: true }, resolve))
  // The first line of the library is half a row of white. Whole rows of white replace it, and follow the half row at
  // the end.
  const lines = drawn.trimEnd().split('\n').slice(1)
  const side = BLANK.repeat(MISSING)
  const blank = BLANK.repeat((lines[0] as string).length + 2 * MISSING)
  const framed = [blank, blank, ...lines.map((line) => side + line + side), blank, blank]
  return joinLines(framed.map((line) => WHITE_ON_BLACK + line + RESET))
}
