/**
 * Growing delays against guessing: four tries are free, then the wait doubles from half a minute to an hour.
 * - A clock that was set back does not clear a wait, and does not make it longer than the delay itself.
 * - A clock that was set forward clears a wait, because a file has no better clock. Then only scrypt slows the guesser.
 */

/** The number of wrong tries in a row, and the time of the last one in milliseconds since 1970. */
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

/** Whole seconds until the next try may be made; 0 when it may be made now. Never more than the delay itself. */
export function computeWait({ count, lastAtMs }: Failures, nowMs: number): number {
  const delaySeconds = computeDelay(count)
  const leftSeconds = Math.ceil((lastAtMs + delaySeconds * 1000 - nowMs) / 1000)
  return Math.min(delaySeconds, Math.max(0, leftSeconds))
}

/** Adds one failure. The caller saves it before the try is made, so that a kill in between gives no free try. */
export function countFailure({ count }: Failures, nowMs: number): Failures {
  return { count: count + 1, lastAtMs: nowMs }
}

/**
 * The failures on a clock that was set back: the delay starts again from now. Returns the same object when the clock
 * was not set back.
 */
export function settleClock(failures: Failures, nowMs: number): Failures {
  return failures.lastAtMs > nowMs ? { count: failures.count, lastAtMs: nowMs } : failures
}
