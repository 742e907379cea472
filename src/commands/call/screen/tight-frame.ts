/**
 * A call on a terminal that is too small for its screen: what is to be typed or read out stays in sight, and so do what went wrong and which
 * key goes on. What to say gives way first, for an operator knows it by heart.
 */
import type { BodyLine } from './view.ts'

/** What stands around the body, each as lines that fit the width. */
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
  // One line each of what there is, in this order; then what is left of each, as far as there is room.
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
