/**
 * Growing delays against guessing: four tries are free, then the wait doubles from half a minute to an hour. A clock that was set
 * back neither clears a wait nor lengthens it beyond itself; one that was set forward does clear it, for a file has no
 * better clock, and then scrypt alone slows the guesser.
 */

/** Wrong tries in a row, and when the last one was, in milliseconds since 1970. */
export type Failures = { readonly count: number; readonly lastAtMs: number }

export const NO_FAILURES: Failures = { count: 0, lastAtMs: 0 }
const FREE_FAILURES = 4
const FIRST_DELAY_SECONDS = 30
const LONGEST_DELAY_SECONDS = 3600

/** min(1 h, 30 s · 2^(count − 5)) from the fifth failure on. */
export function computeDelay(count: number): number {
  return count <= FREE_FAILURES
    ? 0
    : Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (count - FREE_FAILURES - 1))
}

/** Whole seconds until the next try is heard; 0 when it is heard now. Never more than the delay itself. */
export function computeWait({ count, lastAtMs }: Failures, nowMs: number): number {
  const delaySeconds = computeDelay(count)
  const leftSeconds = Math.ceil((lastAtMs + delaySeconds * 1000 - nowMs) / 1000)
  return Math.min(delaySeconds, Math.max(0, leftSeconds))
}

/** One more failure; written down before the try is made, so that a kill in between gives no free one. */
export function countFailure({ count }: Failures, nowMs: number): Failures {
  return { count: count + 1, lastAtMs: nowMs }
}

/** The same failures on a clock that was set back: the delay runs anew from now. The same object when it was not. */
export function settleClock(failures: Failures, nowMs: number): Failures {
  return failures.lastAtMs > nowMs ? { count: failures.count, lastAtMs: nowMs } : failures
}
