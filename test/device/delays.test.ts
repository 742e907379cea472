/** The waits after wrong guesses: their length, and that setting the clock back neither shortens nor lengthens them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { computeDelay, computeWait, countFailure, NO_FAILURES, settleClock } from '../../src/device/delays.ts'

const T0 = Date.UTC(2026, 0, 1)

describe('delays', () => {
  it('are none for four failures, then double from 30 s to an hour', () => {
    const delays = Array.from({ length: 15 }, (_, count) => computeDelay(count))
    expect(delays).toEqual([0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    expect(computeDelay(Number.MAX_SAFE_INTEGER)).toBe(3600)
  })

  it('end on time, to the millisecond', () => {
    const failures = { count: 5, lastAtMs: T0 }
    expect([0, 1, 29_000, 29_001, 29_999, 30_000, 30_001].map((ms) => computeWait(failures, T0 + ms))).toEqual([
      30, 30, 1, 1, 1, 0, 0,
    ])
  })

  it('start at the last failure', () => {
    const four = Array.from({ length: 4 }).reduce<typeof NO_FAILURES>(
      (failures) => countFailure(failures, T0),
      NO_FAILURES,
    )
    expect(computeWait(four, T0)).toBe(0)
    expect(countFailure(four, T0 + 5)).toEqual({ count: 5, lastAtMs: T0 + 5 })
  })

  it('are neither cleared nor lengthened by a clock that is set back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 40 }), fc.integer({ min: 1, max: 10 ** 12 }), (count, backMs) => {
        const nowMs = T0 - backMs
        const settled = settleClock({ count, lastAtMs: T0 }, nowMs)
        expect(computeWait({ count, lastAtMs: T0 }, nowMs)).toBe(computeDelay(count))
        expect(computeWait(settled, nowMs)).toBe(computeDelay(count))
        expect(computeWait(settled, nowMs + computeDelay(count) * 1000)).toBe(0)
      }),
    )
  })

  it('stay the same object if the clock did not go back', () => {
    const failures = { count: 7, lastAtMs: T0 }
    expect(settleClock(failures, T0)).toBe(failures)
    expect(settleClock(failures, T0 + 1)).toBe(failures)
  })
})
