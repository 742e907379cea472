/**
 * What a redeemed PIN proves at a reset: that the caller reads the mail of the device's user. It counts for ten minutes, for this device,
 * and only if it was mailed: what the desk itself said on the call, any caller can say back.
 */
import type { Refusal } from '../../errors.ts'
import type { Device, PinState } from '../records/index.ts'
import { notProven } from './refusals.ts'

const PROOF_MS = 600_000

/** Until when a PIN that was redeemed then counts as `--verified-by pin`; null where it does not. */
export const provenUntil = (redeemed: PinState['redeemed']): number | null =>
  redeemed?.delivered === 'mail' ? redeemed.at + PROOF_MS : null

/** Null when the caller is proven by PIN. A clock that was set back proves nothing. */
export function refuseUnproven(device: Device, now: number): Refusal | null {
  const { redeemed } = device.pins.desk
  const isRecent = redeemed !== null && now >= redeemed.at && now <= redeemed.at + PROOF_MS
  if (!isRecent) return notProven(device, false)
  return provenUntil(redeemed) === null ? notProven(device, true) : null
}
