/**
 * The PINs in a device's record. All counters and times are kept apart for each audience.
 * No digits are stored. The state holds the minute of the PIN, and the device's secret gives the digits.
 */
import { decodeHex } from '../../crypto/bytes.ts'
import { type DeviceSecret, deriveSubkey } from '../../crypto/keys.ts'
import { minuteOf, PIN_SKEW_MINUTES, type PinAudience, type PinRequest } from '../../crypto/pin.ts'
import type { Circumstances } from '../decision.ts'
import type { Device, IssuedPin, PinState } from '../records/index.ts'

/** `newestAt` is the time of the newest audit entry: the highest time that the desk is sure of. */
export type PinCircumstances = Circumstances & { readonly newestAt: number }
export type Outstanding = { readonly device: Device; readonly audience: PinAudience; readonly issued: IssuedPin }

const AUDIENCES = ['device', 'desk'] as const

/** Returns the PINs of a device that somebody could still use, as far as the desk can know. */
export function listOutstanding(device: Device, now: number): Outstanding[] {
  return AUDIENCES.flatMap((audience) => {
    const { issued } = device.pins[audience]
    const isOut = issued !== null && issued.ended === null && now < expiresAt(issued)
    return isOut ? [{ device, audience, issued }] : []
  })
}

/**
 * The PIN is promised to be valid until then. Its checker counts whole minutes, so it may accept the PIN for up to 59
 * seconds more.
 */
export const expiresAt = ({ minute, ttlMinutes }: IssuedPin): number => (minute + ttlMinutes) * 60_000

/** Raises `latestAt` to the highest known time, which may be now. */
export function settleState(state: PinState, { now, newestAt }: PinCircumstances): PinState {
  return { ...state, latestAt: Math.max(state.latestAt, newestAt, now) }
}

/**
 * Whether the clock is more than five minutes behind `latestAt`. Setting the clock back must not make an expired PIN
 * valid again.
 */
export const isClockBack = ({ latestAt }: PinState, nowMinute: number): boolean =>
  nowMinute < minuteOf(latestAt) - PIN_SKEW_MINUTES

export const withPin = (device: Device, audience: PinAudience, state: PinState): Device => ({
  ...device,
  pins: { ...device.pins, [audience]: state },
})

export const pinKeyOf = (device: Device, secret: DeviceSecret): Uint8Array =>
  deriveSubkey(secret, decodeHex(device.deviceId), 'pin')
export const pinRequestOf = (device: Device, audience: PinAudience, minute: number): PinRequest => ({
  ...{ id: decodeHex(device.deviceId), audience, minute, user: device.user },
})
