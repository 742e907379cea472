/**
 * Finds a word in a text despite slips: a letter is wrong, missing or extra (Levenshtein), or two neighbours are
 * swapped.
 * - A word of up to three letters must match exactly. Up to seven letters may have one slip, a longer word two.
 * - The search is bit-parallel, after Wu and Manber, "Fast text searching allowing errors" (1992). It takes a few
 *   operations a character, so a hundred thousand names are searched in an instant.
 */

/** Each letter is one bit of a 32-bit integer. Of a longer word, only the beginning is searched. */
const LONGEST = 31

/** Returns the smallest number of slips, or null if there are more than the word may have. */
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

/** Maps each letter to its places in the word: bit i is set if the letter stands at place i. */
function maskLetters(word: string): Map<number, number> {
  const masks = new Map<number, number>()
  for (let i = 0; i < word.length; i++) {
    const unit = word.charCodeAt(i)
    masks.set(unit, (masks.get(unit) ?? 0) | (1 << i))
  }
  return masks
}

/**
 * Bit i of `none` is set if the text so far ends with the first i + 1 letters of the word. Bits of `one` and `two`
 * allow for one slip and for two. `one` starts with one bit and `two` with two bits, because the first letters may be missing.
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
