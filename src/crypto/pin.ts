/**
 * The one-time PIN (specification §8): ten digits for one device, audience, user and minute. The first four say which
 * minute, so that a checker with a clock and no network tells an expired PIN from a wrong one.
 */
import { concatBytes, encodeText, encodeU32, prefixLength, requireLength } from './bytes.ts'
import { authenticate, ID_BYTES } from './keys.ts'

/** Who will check it: the device itself, or the desk. */
export type PinAudience = 'device' | 'desk'
const AUDIENCES = { device: 1, desk: 2 } as const

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
  const digits = new DataView(mac.buffer).getBigUint64(0) % 1_000_000n
  return String(minute % 10_000).padStart(4, '0') + String(digits).padStart(6, '0')
}
