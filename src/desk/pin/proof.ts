/**
 * A redeemed PIN proves at a reset that the caller reads the mail of the device's user.
 * - It counts for ten minutes, and for this device only.
 * - It counts only if it was mailed. Any caller can repeat a PIN that the desk itself read out on the call.
 */
import type { Refusal } from '../../errors.ts'
import type { Device, PinState } from '../records/index.ts'
import { notProven } from './refusals.ts'

const PROOF_MS = 600_000

/**
 * Returns until when a redeemed PIN counts as `--verified-by pin`, in milliseconds since 1970; null if it does not
 * count.
 */
export const provenUntil = (redeemed: PinState['redeemed']): number | null =>
  redeemed?.delivered === 'mail' ? redeemed.at + PROOF_MS : null

/** Returns null if the caller is proven by PIN. If the clock was set back, nothing is proven. */
export function refuseUnproven(device: Device, now: number): Refusal | null {
  const { redeemed } = device.pins.desk
  const isRecent = redeemed !== null && now >= redeemed.at && now <= redeemed.at + PROOF_MS
  if (!isRecent) return notProven(device, false)
  return provenUntil(redeemed) === null ? notProven(device, true) : null
}
