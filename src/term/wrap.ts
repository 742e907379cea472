/** A paragraph in lines of at most so many columns, broken between words; a word that is wider than a line is cut. For escaped text. */
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
