/** From a terminal's bytes to keys as they are pressed, and a queue in which they wait. */
import { flushKeys, type Key, readKeys } from './keys.ts'

/** An Escape by itself is told from the beginning of a sequence by nothing following it. */
const ESCAPE_MS = 40

/** Bytes to keys, over the borders of what comes at a time. */
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

/** What comes, in order, for one who asks for it; it waits where nobody asks yet. */
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
