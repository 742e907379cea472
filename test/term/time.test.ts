/** Durations and times: what is read, what is refused, and that nothing is promised that is not there. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatLocal, isoTime, parseDuration } from '../../src/term/time.ts'

describe('parseDuration', () => {
  test.each([
    ['90s', 90],
    ['15m', 900],
    ['8h', 28_800],
    ['24h', 86_400],
    ['2d', 172_800],
    [' 15M ', 900],
    ['366d', 31_622_400],
  ])('%s is %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test.each([
    '',
    '15',
    'm',
    '-5m',
    '1.5h',
    '1e3s',
    '15 m',
    '15min',
    '0x10s',
    '١٥m',
    '15m15m',
    '9999999999s',
    'Infinitys',
  ])('refuses %j, and shows how', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({
        refusal: expect.objectContaining({ kind: 'usage', hint: 'write a number and s, m, h or d: 90s, 15m, 8h, 2d' }),
      }),
    )
  })

  test.each(['0s', '0d', '367d', '999999999d'])('refuses %s, which is out of range', (text) => {
    expect(() => parseDuration(text)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ kind: 'usage', hint: 'from 1 s to 366 d' }) }),
    )
  })

  test('knows the longest that is allowed', () => {
    expect(parseDuration('8h', 28_800)).toBe(28_800)
    expect(() => parseDuration('481m', 28_800)).toThrow(/481m is out of range/)
  })
})

describe('formatDuration', () => {
  test.each([
    [-5, '0 s'],
    [0, '0 s'],
    [45.9, '45 s'],
    [119, '119 s'],
    [120, '2 min'],
    [899, '14 min'],
    [7199, '119 min'],
    [7200, '2 h'],
    [30_600, '8 h 30 min'],
    [86_400, '24 h'],
    [172_799, '47 h 59 min'],
    [172_800, '2 d'],
    [190_000, '2 d 4 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  test('never says more than there is', () => {
    const units: Record<string, number> = { s: 1, min: 60, h: 3600, d: 86_400 }
    fc.assert(
      fc.property(fc.nat({ max: 10_000_000 }), (seconds) => {
        const parts = [...formatDuration(seconds).matchAll(/(\d+) (\w+)/g)]
        const said = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit as string] as number), 0)
        expect(said).toBeLessThanOrEqual(seconds)
        expect(said).toBeGreaterThan(seconds - 3600)
      }),
    )
  })
})

describe('formatLocal', () => {
  const moment = Date.UTC(2026, 10, 20, 13, 5, 59)

  test.each([
    ['UTC', '2026-11-20 13:05 +00:00'],
    ['Europe/Berlin', '2026-11-20 14:05 +01:00'],
    ['America/St_Johns', '2026-11-20 09:35 -03:30'],
    ['Asia/Kathmandu', '2026-11-20 18:50 +05:45'],
    ['Pacific/Kiritimati', '2026-11-21 03:05 +14:00'],
  ])('in %s', (zone, text) => {
    expect(formatLocal(moment, zone)).toBe(text)
  })

  test('knows summer time', () => {
    expect(formatLocal(Date.UTC(2026, 6, 1), 'Europe/Berlin')).toBe('2026-07-01 02:00 +02:00')
  })

  test('without a zone it is the zone of the machine', () => {
    const before = process.env['TZ']
    process.env['TZ'] = 'America/St_Johns'
    try {
      expect(formatLocal(moment)).toBe('2026-11-20 09:35 -03:30')
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })

  test('refuses a zone that there is not', () => {
    expect(() => formatLocal(moment, 'Mars/Olympus')).toThrow(RangeError)
  })
})

test('isoTime loses nothing', () => {
  expect(isoTime(1_000_000_000_123)).toBe('2001-09-09T01:46:40.123Z')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      expect(Date.parse(isoTime(ms))).toBe(ms)
    }),
  )
})
