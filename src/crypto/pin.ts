/**
 * The one-time PIN (specification §8): ten digits for one device, audience, user and minute. The first four say which
 * minute, so that a checker with a clock and no network tells an expired PIN from a wrong one.
 */
import { concatBytes, encodeText, encodeU32, equalBytes, prefixLength, requireLength } from './bytes.ts'
import { authenticate } from './hmac.ts'
import { ID_BYTES } from './keys.ts'

/** Who will check it: the device itself, or the desk. */
export type PinAudience = 'device' | 'desk'
const AUDIENCES = { device: 1, desk: 2 } as const
/** A PIN is good for so long; policy can only make it shorter. */
export const LONGEST_PIN_MINUTES = 1440
/** How far two clocks may be apart, and how far one may run back. */
export const PIN_SKEW_MINUTES = 5
/** So many wrong ones, and the way is closed until a full reset exchange. */
export const WRONG_PINS = 5
const MINUTE_CYCLE = 10_000
const DIGITS = 10
const PLAIN_ASCII = /^[ -~]*$/

export type PinRequest = {
  readonly id: Uint8Array
  readonly audience: PinAudience
  /** Whole minutes since 1970: floor(unix seconds ÷ 60). */
  readonly minute: number
  readonly user: string
}

/**
 * A user name as it is compared and hashed: trimmed, lower-case, NFC. NFC comes last (again), because lower-casing can undo
 * it: J with a caron has no letter of its own, j with a caron has, and both must be one user.
 */
export function normalizeUser(user: string): string {
  // ASCII is in NFC whatever its case: an import compares names by the hundred thousand.
  if (PLAIN_ASCII.test(user)) return user.trim().toLowerCase()
  return user.trim().normalize('NFC').toLowerCase().normalize('NFC')
}

/** dec4(m mod 10⁴) ‖ dec6(u64(HMAC(Ksub("pin"), aud ‖ id ‖ u32 m ‖ LP(user))[0:8]) mod 10⁶). */
export function derivePin(pinKey: Uint8Array, { id, audience, minute, user }: PinRequest): string {
  requireLength(pinKey, 32, 'pin key')
  requireLength(id, ID_BYTES, 'device id')
  const name = prefixLength(encodeText(normalizeUser(user)), 'user')
  const mac = authenticate(
    pinKey,
    concatBytes(Uint8Array.of(AUDIENCES[audience]), id, encodeU32(minute, 'minute'), name),
  )
  const digits = new DataView(mac.buffer, mac.byteOffset).getBigUint64(0) % 1_000_000n
  return String(minute % 10_000).padStart(4, '0') + String(digits).padStart(6, '0')
}

/** The minute of a moment in milliseconds since 1970. */
export const minuteOf = (milliseconds: number): number => Math.floor(milliseconds / 60_000)

/** Ten digits as they are typed, in groups or in one; null for anything else. Only ASCII digits are digits. */
export function parsePin(typed: string): string | null {
  const digits = typed.replace(/[ \-\r\n]/g, '')
  return digits.length === DIGITS && /^[0-9]+$/.test(digits) ? digits : null
}

/** Two groups of five, as it is written and said. */
export const formatPin = (pin: string): string => `${pin.slice(0, DIGITS / 2)}-${pin.slice(DIGITS / 2)}`

/**
 * The one minute in [now − ttl, now + 5] that the PIN's first four digits can mean; null when there is none: it has expired. There is
 * never more than one, because the window is shorter than the 10,000 minutes after which those digits come again.
 */
export function findPinMinute(pin: string, nowMinute: number, ttlMinutes: number): number | null {
  if (!(ttlMinutes >= 1 && ttlMinutes <= LONGEST_PIN_MINUTES)) throw new RangeError('ttlMinutes: 1 to 1440 expected')
  const newest = nowMinute + PIN_SKEW_MINUTES
  const back = (newest - Number(pin.slice(0, 4))) % MINUTE_CYCLE
  const minute = newest - (back < 0 ? back + MINUTE_CYCLE : back)
  return minute >= Math.max(0, nowMinute - ttlMinutes) ? minute : null
}

/** Whether it is the PIN of this very request; in constant time. */
export function isPin(pinKey: Uint8Array, request: PinRequest, pin: string): boolean {
  return equalBytes(encodeText(derivePin(pinKey, request)), encodeText(pin))
}
