/**
 * A QR code on a terminal, two modules to a character. It scans on every background: its own black and white are set
 * around each line (fixed colours of the 256, which no theme bends), and so is a quiet zone of four modules, as the
 * standard asks.
 */
import { joinLines } from './width.ts'

const WHITE_ON_BLACK = '\u001b[38;5;231;48;5;16m'
const RESET = '\u001b[0m'
/** Modules of white that qrcode-terminal leaves out of the four: it draws one at each side. */
const MISSING = 3
/** Both of its modules white. */
const BLANK = '█'

/** The lines of a QR code that holds the text as UTF-8, (modules + 8) columns wide. */
export async function renderQr(text: string): Promise<string> {
  const { default: library } = await import('qrcode-terminal')
  const bytes = Buffer.from(text, 'utf8').toString('latin1')
  const drawn = await new Promise<string>((resolve) => library.generate(bytes, { small: true }, resolve))
  // Its first line is half a row of white; whole rows of white stand in for it, and follow the half row at the end.
  const lines = drawn.trimEnd().split('\n').slice(1)
  const side = BLANK.repeat(MISSING)
  const blank = BLANK.repeat((lines[0] as string).length + 2 * MISSING)
  const framed = [blank, blank, ...lines.map((line) => side + line + side), blank, blank]
  return joinLines(framed.map((line) => WHITE_ON_BLACK + line + RESET))
}
