/** A screen that is drawn into memory, and a person who types after a certain text is on it. */
import { flushKeys, readKeys } from '../../../src/term/keys.ts'
import type { Frame, Screen, ScreenEvent } from '../../../src/term/screen.ts'

/** The text to wait for, and then the keys to type, the event to send, or the function to run. */
export type Turn = readonly [seen: string, typed: string | ScreenEvent | (() => void | Promise<void>)]
export type PlayedScreen = Screen & {
  readonly shown: () => string
  /**
   * Types at once, whatever is on the screen: also keys that are dropped while something is under way.
   * Resolves like `settled`.
   */
  readonly press: (typed: string) => Promise<void>
  /** Resolves when the call has handled all events so far: it then draws again, or closes the screen. */
  readonly settled: () => Promise<void>
  /** Whether the screen was closed, how often it was left for the normal screen, and the signal that ended it. */
  readonly log: { closed: boolean; asides: number; diedOf: string | null }
}

/** Something is still under way: keys that are typed now are dropped. */
const WAITING = / …$/m

export function playScreen(turns: readonly Turn[], size = { columns: 80, rows: 24 }): PlayedScreen {
  const left = [...turns]
  const log = { closed: false, asides: 0, diedOf: null as string | null }
  const waiting: ScreenEvent[] = []
  let wake: ((event: ScreenEvent) => void) | null = null
  let shown = ''
  const taken: (() => void)[] = []
  const tellTaken = () => {
    if (waiting.length > 0 || wake === null) return
    for (const tell of taken.splice(0)) tell()
  }
  const put = (event: ScreenEvent) => {
    if (wake === null) waiting.push(event)
    else wake(event)
    wake = null
  }
  const settled = () => new Promise<void>((resolve) => void taken.push(resolve))
  const press = (typed: string) => {
    const { keys, rest } = readKeys(typed)
    for (const key of [...keys, ...flushKeys(rest)]) put({ kind: 'key', key })
    return settled()
  }
  const act = async (typed: Turn[1]) => {
    if (typeof typed === 'function') {
      await typed()
      return put({ kind: 'resize' })
    }
    if (typeof typed !== 'string') return put(typed)
    void press(typed)
  }
  return {
    size: () => size,
    draw({ lines }: Frame) {
      const text = lines.join('\n')
      shown += `${text}\n\n`
      tellTaken()
      const isReady = left[0] !== undefined && text.includes(left[0][0]) && !WAITING.test(text)
      if (isReady) void act((left.shift() as Turn)[1])
    },
    read: () =>
      new Promise((resolve) => {
        const event = waiting.shift()
        if (event === undefined) wake = resolve
        else resolve(event)
      }),
    aside(work) {
      log.asides++
      return work()
    },
    close: () => {
      log.closed = true
      for (const tell of taken.splice(0)) tell()
    },
    dieOf: (signal) => {
      log.diedOf = signal
    },
    shown: () => shown,
    press,
    settled,
    log,
  }
}
