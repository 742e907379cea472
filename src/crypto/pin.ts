/**
 * The one-time PIN (specification §8): ten digits for one device, audience, user and minute. The first four digits name
 * the minute. So a checker with a clock and no network can tell an expired PIN from a wrong one.
 */
import { concatBytes, encodeText, encodeU32, equalBytes, prefixLength, requireLength } from './bytes.ts'
import { authenticate } from './hmac.ts'
import { ID_BYTES } from './keys.ts'

/** The checker of the PIN: the device itself, or the desk. */
export type PinAudience = 'device' | 'desk'
const AUDIENCES = { device: 1, desk: 2 } as const
/** A PIN is valid for 24 hours at most. Policy can only shorten that. */
export const LONGEST_PIN_MINUTES = 1440
/** How many minutes two clocks may differ, and how many minutes one clock may run back. */
export const PIN_SKEW_MINUTES = 5
/** After this many wrong PINs the PIN way is closed until a full reset exchange. */
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
 * A user name in the form that is compared and hashed: trimmed, lower-case, NFC. Lower-casing can undo NFC, so NFC is
 * applied again at the end. Example: "J with caron" has no code point of its own, but "j with caron" has one. Both must
 * be one user.
 */
export function normalizeUser(user: string): string {
  // A faster path for imports, which compare hundreds of thousands of names. ASCII is NFC in either case.
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

/** The minute of a time in milliseconds since 1970. */
export const minuteOf = (milliseconds: number): number => Math.floor(milliseconds / 60_000)

/** Reads ten typed digits, in groups or in one. Null for anything else. Only ASCII digits count. */
export function parsePin(typed: string): string | null {
  const digits = typed.replace(/[ \-\r\n]/g, '')
  return digits.length === DIGITS && /^[0-9]+$/.test(digits) ? digits : null
}

/** The PIN in two groups of five digits, for screens and for reading out. */
export const formatPin = (pin: string): string => `${pin.slice(0, DIGITS / 2)}-${pin.slice(DIGITS / 2)}`

/**
 * The one minute in [now − ttl, now + 5] that the PIN's first four digits can mean. Null when there is none: the PIN
 * has expired.
 * There is never more than one: the window is shorter than 10,000 minutes, after which the same digits come again.
 * Throws a RangeError unless `ttlMinutes` is 1 to 1440.
 */
export function findPinMinute(pin: string, nowMinute: number, ttlMinutes: number): number | null {
  if (!(ttlMinutes >= 1 && ttlMinutes <= LONGEST_PIN_MINUTES)) throw new RangeError('ttlMinutes: 1 to 1440 expected')
  const newest = nowMinute + PIN_SKEW_MINUTES
  const back = (newest - Number(pin.slice(0, 4))) % MINUTE_CYCLE
  const minute = newest - (back < 0 ? back + MINUTE_CYCLE : back)
  return minute >= Math.max(0, nowMinute - ttlMinutes) ? minute : null
}

/** Whether `pin` is the PIN of exactly this request. Compares in constant time. */
export function isPin(pinKey: Uint8Array, request: PinRequest, pin: string): boolean {
  return equalBytes(encodeText(derivePin(pinKey, request)), encodeText(pin))
}
