/** Decodes the bytes of a terminal to keys, and queues them. */
import { flushKeys, type Key, readKeys } from './keys.ts'

/** An Escape key is an Escape byte that no other byte follows within this time. Sequences begin with the same byte. */
const ESCAPE_MS = 40

/** Turns bytes into keys. A sequence may be split over several chunks. */
export function createKeyboard(press: (key: Key) => void) {
  let decoder = new TextDecoder()
  let rest = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    for (const key of flushKeys(rest)) press(key)
    rest = ''
  }
  return {
    take(bytes: Uint8Array | string) {
      clearTimeout(timer)
      const text = typeof bytes === 'string' ? bytes : decoder.decode(bytes, { stream: true })
      const read = readKeys(rest + text)
      rest = read.rest
      for (const key of read.keys) press(key)
      if (rest === '\u001b') timer = setTimeout(flush, ESCAPE_MS)
    },
    forget() {
      clearTimeout(timer)
      decoder = new TextDecoder()
      rest = ''
    },
  }
}

/** A queue for a single reader. `take` resolves to the next item, now or when it arrives. */
export function createQueue<T>() {
  const waiting: T[] = []
  let wake: ((item: T) => void) | null = null
  return {
    put(item: T) {
      if (wake === null) waiting.push(item)
      else wake(item)
      wake = null
    },
    take: () =>
      new Promise<T>((resolve) => {
        const item = waiting.shift()
        if (item === undefined) wake = resolve
        else resolve(item)
      }),
  }
}
