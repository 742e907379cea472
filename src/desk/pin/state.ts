/**
 * What a device's record says of PINs. No digits are kept: the state says which minute was issued, and the device's secret gives the digits.
 * Everything that is counted or remembered is one state for each audience.
 */
import { decodeHex } from '../../crypto/bytes.ts'
import { type DeviceSecret, deriveSubkey } from '../../crypto/keys.ts'
import { minuteOf, PIN_SKEW_MINUTES, type PinAudience, type PinRequest } from '../../crypto/pin.ts'
import type { Circumstances } from '../decision.ts'
import type { Device, IssuedPin, PinState } from '../records/index.ts'

/** Beside the clock: when the newest entry of the record was made, which is the highest time that the desk is sure of. */
export type PinCircumstances = Circumstances & { readonly newestAt: number }
export type Outstanding = { readonly device: Device; readonly audience: PinAudience; readonly issued: IssuedPin }

const AUDIENCES = ['device', 'desk'] as const

/** The PINs of a device that somebody could still use, as far as the desk can know. */
export function listOutstanding(device: Device, now: number): Outstanding[] {
  return AUDIENCES.flatMap((audience) => {
    const { issued } = device.pins[audience]
    const isOut = issued !== null && issued.ended === null && now < expiresAt(issued)
    return isOut ? [{ device, audience, issued }] : []
  })
}

/** Until when it is promised to be good: its checker counts in whole minutes, and may take it for up to 59 seconds more. */
export const expiresAt = ({ minute, ttlMinutes }: IssuedPin): number => (minute + ttlMinutes) * 60_000

/** The state with the highest time that is known, this moment in it. */
export function settleState(state: PinState, { now, newestAt }: PinCircumstances): PinState {
  return { ...state, latestAt: Math.max(state.latestAt, newestAt, now) }
}

/** A clock that was set back by more than five minutes revives no PIN. */
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
