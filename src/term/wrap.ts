/**
 * Wraps a paragraph between words to at most `width` columns. A word wider than a line is cut. The text must be
 * escaped.
 */
import { displayWidth, fitText } from './width.ts'

export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    if (last !== undefined && displayWidth(longer) <= width) lines[lines.length - 1] = longer
    else lines.push(fitText(word, width))
  }
  return lines
}
