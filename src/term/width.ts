/**
 * Measures how many columns a line takes on a terminal: two for East Asian wide characters and emoji, none for
 * combining characters, one for the rest.
 * - Terminals differ where Unicode leaves the width open. The wider reading is taken, so that lines never wrap.
 * - The text must be escaped by `escapeText`.
 * - ASCII is the fast path. Intl is used only for other text.
 */
const PLAIN_ASCII = /^[ -~]*$/
/** East_Asian_Width W and F of Unicode 17, without emoji, which have a property of their own. */
const WIDE =
  '[\\u1100-\\u115f\\u2329\\u232a\\u2630-\\u2637\\u268a-\\u268f\\u2e80-\\u303e\\u3041-\\ua4cf\\ua960-\\ua97c' +
  '\\uac00-\\ud7a3\\uf900-\\ufaff\\ufe10-\\ufe19\\ufe30-\\ufe6b\\uff01-\\uff60\\uffe0-\\uffe6' +
  '\\u{16fe0}-\\u{18dff}\\u{1aff0}-\\u{1b2fb}\\u{1d300}-\\u{1d376}\\u{1f200}-\\u{1f265}\\u{20000}-\\u{3fffd}]'
const ELLIPSIS = '…'

let tables: ReturnType<typeof createTables> | null = null

/**
 * Unicode tables, created by the first text that is not ASCII. They cost a millisecond, and most commands never need
 * them.
 */
function createTables() {
  return {
    clusters: new Intl.Segmenter('en', { granularity: 'grapheme' }),
    wide: new RegExp(WIDE, 'u'),
    emoji: /\p{Emoji_Presentation}/u,
    regional: /\p{Regional_Indicator}/u,
    /** Drawn over, or joined to, the character before. */
    combining: /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff\ud7b0-\ud7fb]/u,
    skinTone: /\p{Emoji_Modifier}/u,
  }
}

function readTables(): ReturnType<typeof createTables> {
  tables ??= createTables()
  return tables
}

/** The width of one line in columns. */
export function displayWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length
  return splitClusters(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0)
}

/** `text` in at most `width` columns. It is cut between visible characters, with `…` at the cut. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  if (width < 1) return ''
  let columns = 1
  let fitted = ''
  for (const cluster of splitClusters(text)) {
    columns += clusterWidth(cluster)
    if (columns > width) break
    fitted += cluster
  }
  return fitted + ELLIPSIS
}

/** `text`, padded with blanks to `width` columns. */
export function padText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - displayWidth(text)))
  return align === 'left' ? text + blanks : blanks + text
}

/** Joins lines to a text. Each line loses its trailing blanks and gets a newline. No lines give an empty text. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

/** Splits text into characters as a reader sees them: a letter with its marks, a flag, an emoji with its skin tone. */
function splitClusters(text: string): string[] {
  return Array.from(readTables().clusters.segment(text), ({ segment }) => segment)
}

function clusterWidth(cluster: string): number {
  const { skinTone } = readTables()
  return Array.from(cluster).reduce((sum, c, i) => sum + (i > 0 && skinTone.test(c) ? 0 : characterWidth(c)), 0)
}

function characterWidth(character: string): number {
  const { combining, wide, emoji, regional } = readTables()
  if (combining.test(character)) return 0
  return wide.test(character) || (emoji.test(character) && !regional.test(character)) ? 2 : 1
}
