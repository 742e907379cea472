/**
 * Converts times and durations from and to text. Inside keydesk a time is milliseconds since 1970, and a duration is
 * seconds. No clock is read here.
 */
import { KeydeskError } from '../errors.ts'

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const DURATION = /^([0-9]{1,9})([smhd])$/
const HOW_TO_WRITE = 'write a number and s, m, h or d: 90s, 15m, 8h, 2d'
const LONGEST_SECONDS = 366 * UNITS.d
const MINUTE_MS = 60_000

/**
 * `90s`, `15m`, `8h`, `2d` → seconds, at least 1 and at most `longest` (366 days by default). Throws a KeydeskError of
 * kind `usage`.
 */
export function parseDuration(text: string, longest: number = LONGEST_SECONDS): number {
  const [, count, unit] = DURATION.exec(text.trim().toLowerCase()) ?? []
  if (count === undefined) {
    throw new KeydeskError('usage', 'bad-duration', `"${text}" is not a duration`, HOW_TO_WRITE)
  }
  const seconds = Number(count) * UNITS[unit as keyof typeof UNITS]
  if (seconds >= 1 && seconds <= longest) return seconds
  throw new KeydeskError('usage', 'bad-duration', `${text} is out of range`, `from 1 s to ${formatDuration(longest)}`)
}

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?(?: ?(Z|[+-]\d\d:?\d\d))?$/i
const HOW_TO_NAME = 'write a date, a time (2026-03-02T09:00, here or with a zone), or a span back: 90s, 15m, 8h, 2d'

/** The first and the last millisecond of the named day, minute, second or millisecond. */
export type Moment = { readonly from: number; readonly to: number }

/**
 * Parses `2026-03-02`, `2026-03-02 09:00` or `2026-03-02T09:00:00.000Z`, in the local zone unless a zone is given. Also
 * parses a span back from `now`. Throws a KeydeskError of kind `usage`.
 */
export function parseMoment(text: string, now: number): Moment {
  const trimmed = text.trim()
  if (DURATION.test(trimmed.toLowerCase())) {
    const at = now - parseDuration(trimmed, now / 1000) * 1000
    return { from: at, to: at }
  }
  const match = MOMENT.exec(trimmed)
  const moment = match === null ? null : readMoment(match)
  if (moment === null) throw new KeydeskError('usage', 'bad-time', `"${text}" is no time`, HOW_TO_NAME)
  return moment
}

/** Null for a day or an hour that does not exist. */
function readMoment([, ...parts]: RegExpExecArray): Moment | null {
  const [year, month, day, hour, minute, second, fraction, zone] = parts
  const [y, m, d, h, min, s] = [year, month, day, hour, minute, second].map((part) => Number(part ?? 0)) as Fields
  const isDay = new Date(Date.UTC(y, m - 1, d)).toISOString().startsWith(`${year}-${month}-${day}`)
  if (!isDay || h > 23 || min > 59 || s > 59) return null
  const shift = zone === undefined ? 0 : readOffset(zone) * MINUTE_MS
  const toMs = (days: number, ms: number) =>
    zone === undefined
      ? new Date(y, m - 1, d + days, h, min, s, ms).getTime()
      : Date.UTC(y, m - 1, d + days, h, min, s, ms) - shift
  const from = toMs(0, Number((fraction ?? '0').padEnd(3, '0')))
  if (hour === undefined) return { from, to: toMs(1, 0) - 1 }
  const length = second === undefined ? MINUTE_MS : fraction === undefined ? 1000 : 1
  return { from, to: from + length - 1 }
}

type Fields = [number, number, number, number, number, number]

/** Minutes ahead of UTC. */
function readOffset(zone: string): number {
  if (/^z$/i.test(zone)) return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

/** `45 s`, `14 min`, `8 h 30 min`, `2 d 3 h`: whole units, rounded down, so that it never promises too much time. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 2 * UNITS.m) return `${whole} s`
  if (whole < 2 * UNITS.h) return `${Math.floor(whole / UNITS.m)} min`
  if (whole < 2 * UNITS.d) return joinUnits(whole, UNITS.h, 'h', UNITS.m, 'min')
  return joinUnits(whole, UNITS.d, 'd', UNITS.h, 'h')
}

function joinUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((seconds % large) / small)
  return `${Math.floor(seconds / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/** `2026-11-20 14:05 +01:00`, in the local zone unless `timeZone` is given (`Europe/Berlin`). */
export function formatLocal(milliseconds: number, timeZone?: string): string {
  const offset =
    timeZone === undefined ? -new Date(milliseconds).getTimezoneOffset() : zoneOffset(milliseconds, timeZone)
  const local = new Date(milliseconds + offset * MINUTE_MS).toISOString().slice(0, 16).replace('T', ' ')
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
    String(n).padStart(2, '0'),
  )
  return `${local} ${offset < 0 ? '-' : '+'}${hours}:${minutes}`
}

/** Minutes that a zone is ahead of UTC at that moment. Throws a RangeError on an unknown zone. */
function zoneOffset(milliseconds: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? ['', '+', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** Cache of the last time: the devices of one import all have the same invitation time. */
let newest = { milliseconds: 0, text: '1970-01-01T00:00:00.000Z' }

/** ISO 8601 in UTC, with milliseconds. It loses nothing, and sorts as text. */
export function isoTime(milliseconds: number): string {
  if (milliseconds !== newest.milliseconds) newest = { milliseconds, text: new Date(milliseconds).toISOString() }
  return newest.text
}
