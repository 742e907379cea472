/**
 * Times and durations as people write and read them. Inside keydesk times are milliseconds since 1970 and durations are
 * seconds; here alone they become text, and text becomes seconds. No clock is read here.
 */
import { KeydeskError } from '../errors.ts'

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const
const DURATION = /^([0-9]{1,9})([smhd])$/
const HOW_TO_WRITE = 'write a number and s, m, h or d: 90s, 15m, 8h, 2d'
const LONGEST_SECONDS = 366 * UNITS.d
const MINUTE_MS = 60_000

/**
 * `90s`, `15m`, `8h`, `2d` → seconds, at least 1 and at most `longest` (366 days unless told).
 * Throws a KeydeskError of kind `usage`.
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

/**
 * `45 s`, `14 min`, `8 h 30 min`, `2 d 3 h`: whole units, rounded down, so that no time is promised that is not there.
 */
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

/** `2026-11-20 14:05 +01:00`, in the zone of this machine unless one is named (`Europe/Berlin`). */
export function formatLocal(milliseconds: number, timeZone?: string): string {
  const offset =
    timeZone === undefined ? -new Date(milliseconds).getTimezoneOffset() : zoneOffset(milliseconds, timeZone)
  const local = new Date(milliseconds + offset * MINUTE_MS).toISOString().slice(0, 16).replace('T', ' ')
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
    String(n).padStart(2, '0'),
  )
  return `${local} ${offset < 0 ? '-' : '+'}${hours}:${minutes}`
}

/** Minutes that a zone is ahead of UTC at that moment. Throws a RangeError on a zone that there is not. */
function zoneOffset(milliseconds: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(milliseconds).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)/.exec(name) ?? ['', '+', '0', '0']
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** ISO 8601 in UTC, to the millisecond: nothing is lost, and it sorts as text. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
