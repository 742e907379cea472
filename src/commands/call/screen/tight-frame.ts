/**
 * Places a call on a terminal that is too small for its whole screen.
 * - The line to type or to read out stays visible, and so do the notice and the keys.
 * - The sentences to say are dropped first, because operators know them by heart.
 */
import type { BodyLine } from './view.ts'

/** The parts around the body. Each is a list of lines that fit the width. */
export type Parts = {
  readonly title: string
  readonly speech: readonly string[]
  readonly notice: readonly string[]
  readonly keys: readonly string[]
}

export function placeTight(
  { title, speech, notice, keys }: Parts,
  tight: readonly BodyLine[],
  rows: number,
): BodyLine[] {
  const [essence = '', ...more] = tight
  // First one line of each part: body, notice, keys, title. Then the rest of each part in the order below, while rows
  // remain.
  const shown = { body: 1, notice: Math.min(1, notice.length), keys: 1, title: 1, more: 0, speech: 0 }
  let left = rows - shown.body - shown.notice - shown.keys - shown.title
  const take = (wanted: number): number => {
    const taken = Math.max(0, Math.min(wanted, left))
    left -= taken
    return taken
  }
  shown.notice += take(notice.length - shown.notice)
  shown.more = take(more.length)
  shown.keys += take(keys.length - 1)
  shown.speech = take(speech.length)
  const body = [essence, ...more.slice(0, shown.more)]
  const filler = Array.from({ length: Math.max(0, left) }, () => '')
  const above = rows < 4 ? [] : [title, ...speech.slice(0, shown.speech)]
  return [...above, ...body, ...notice.slice(0, shown.notice), ...filler, ...keys.slice(0, shown.keys)]
}
