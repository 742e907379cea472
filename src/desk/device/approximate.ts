/**
 * Whether a text holds a word up to a slip or two: a letter wrong, missing or too many (Levenshtein), or two exchanged. A word of three
 * letters or fewer must be there as it is, up to seven may have one slip, longer ones two. Bit-parallel, after Wu and Manber,
 * "Fast text searching allowing errors" (1992): a few operations a character, so that a hundred thousand names are looked at at once.
 */

/** A bit a letter in an integer of 32: what is longer is looked for by its beginning. */
const LONGEST = 31

/** Returns how many slips there are at least, or null where there are more than may be. */
export type Approximation = (text: string) => number | null

const slipsOf = (word: string): number => (word.length < 4 ? 0 : word.length < 8 ? 1 : 2)

export function createApproximation(word: string): Approximation {
  const letters = word.slice(0, LONGEST)
  const most = slipsOf(letters)
  const exchanged = most === 0 ? [] : exchangeNeighbours(letters)
  const masks = maskLetters(letters)
  return (text) => {
    if (text.includes(letters)) return 0
    if (most === 0) return null
    const least = findWithin(text, masks, letters.length, most)
    return least === 1 || !exchanged.some((each) => text.includes(each)) ? least : 1
  }
}

function exchangeNeighbours(word: string): string[] {
  return Array.from(
    { length: word.length - 1 },
    (_, i) => `${word.slice(0, i)}${word[i + 1]}${word[i]}${word.slice(i + 2)}`,
  )
}

/** For each letter, at which places of the word it stands: a bit a place. */
function maskLetters(word: string): Map<number, number> {
  const masks = new Map<number, number>()
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i)
    masks.set(unit, (masks.get(unit) ?? 0) | (1 << i))
  }
  return masks
}

/**
 * `one` and `two` hold, as bits, how many letters of the word the text up to here ends with, with up to so many slips. A word that begins
 * with a slip has so many letters at once.
 */
function findWithin(text: string, masks: Map<number, number>, length: number, most: number): number | null {
  const whole = 1 << (length - 1)
  let none = 0
  let one = 1
  let two = 3
  let best: number | null = null
  for (let i = 0; i < text.length; i++) {
    const mask = masks.get(text.charCodeAt(i)) ?? 0
    const [before, beforeOne] = [none, one]
    none = ((none << 1) | 1) & mask
    one = (((one << 1) | 1) & mask) | before | (before << 1) | (none << 1) | 1
    two = (((two << 1) | 1) & mask) | beforeOne | (beforeOne << 1) | (one << 1) | 3
    if ((one & whole) !== 0) return 1
    if (most === 2 && (two & whole) !== 0) best = 2
  }
  return best
}
