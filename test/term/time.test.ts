/** Reading and showing durations and times. A shown duration never exceeds the real one. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatDuration, formatLocal, isoTime, parseDuration, parseMoment } from '../../src/term/time.ts'

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
  ])('refuses %j, and the hint shows the form', (text) => {
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

  test('refuses a duration above the given limit', () => {
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

  test('never shows more than the real duration', () => {
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

  test('uses the zone of the machine if none is given', () => {
    const before = process.env['TZ']
    process.env['TZ'] = 'America/St_Johns'
    try {
      expect(formatLocal(moment)).toBe('2026-11-20 09:35 -03:30')
    } finally {
      if (before === undefined) delete process.env['TZ']
      else process.env['TZ'] = before
    }
  })

  test('refuses an unknown zone', () => {
    expect(() => formatLocal(moment, 'Mars/Olympus')).toThrow(RangeError)
  })
})

test('isoTime keeps every millisecond', () => {
  expect(isoTime(1_000_000_000_123)).toBe('2001-09-09T01:46:40.123Z')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (ms) => {
      expect(Date.parse(isoTime(ms))).toBe(ms)
    }),
  )
})

describe('parseMoment', () => {
  const NOW = Date.UTC(2026, 2, 2, 9)
  const iso = (text: string) => {
    const { from, to } = parseMoment(text, NOW)
    return [from, to].map((ms) => new Date(ms).toISOString())
  }

  test.each([
    ['2h', '2026-03-02T07:00:00.000Z', '2026-03-02T07:00:00.000Z'],
    ['7D', '2026-02-23T09:00:00.000Z', '2026-02-23T09:00:00.000Z'],
    ['400d', '2025-01-26T09:00:00.000Z', '2025-01-26T09:00:00.000Z'],
    ['2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02T09:00:00.5Z', '2026-03-02T09:00:00.500Z', '2026-03-02T09:00:00.500Z'],
    ['2026-03-02T09:00:07Z', '2026-03-02T09:00:07.000Z', '2026-03-02T09:00:07.999Z'],
    ['2026-03-02 09:00Z', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:59.999Z'],
    ['2026-03-02 10:00 +01:00', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:59.999Z'],
    ['2026-03-02T03:30-0530', '2026-03-02T09:00:00.000Z', '2026-03-02T09:00:59.999Z'],
    ['2026-03-02Z', '2026-03-02T00:00:00.000Z', '2026-03-02T23:59:59.999Z'],
    [' 2028-02-29z ', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
  ])('%s is from %s to %s', (text, from, to) => {
    expect(iso(text)).toEqual([from, to])
  })

  test('reads a time without a zone in the zone of the machine, and gives each day its real length', () => {
    for (const day of ['2026-03-29', '2026-10-25', '2026-07-01']) {
      const [year, month, date] = day.split('-').map(Number) as [number, number, number]
      expect(parseMoment(day, NOW)).toEqual({
        from: new Date(year, month - 1, date).getTime(),
        to: new Date(year, month - 1, date + 1).getTime() - 1,
      })
    }
    expect(parseMoment('2026-03-02 09:30', NOW).from).toBe(new Date(2026, 2, 2, 9, 30).getTime())
  })

  test.each([
    '',
    'yesterday',
    '2h ago',
    '-2h',
    '2026-02-30',
    '2026-13-01',
    '2027-02-29Z',
    '2026-03-02T24:00Z',
    '2026-03-02T09:60Z',
    '2026-03-02T09',
    '2026-3-2',
    '02.03.2026',
    '1772442000',
  ])('refuses %j as a usage error', (text) => {
    expect(() => parseMoment(text, NOW)).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ kind: 'usage', reason: 'bad-time' }) }),
    )
  })
})
