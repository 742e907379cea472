/**
 * What checking and confirming look up alike: the device that the operator named, and the one that the code's tag
 * finds.
 */
import { readResetCode } from '../crypto/codes.ts'
import type { HeardCode, ResetState } from '../desk/reset.ts'
import type { Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import { resolveDevice } from './device-name.ts'

export async function findNamed(desk: Desk, name: string | undefined): Promise<string | null> {
  return name === undefined ? null : (await desk.read((records) => resolveDevice(records, name))).deviceId
}

export async function readState(records: Records, { code }: HeardCode): Promise<ResetState> {
  const device = await records.deviceByTag(readResetCode(code).tag)
  return device === null ? null : { device, secret: await records.deviceSecret(device) }
}

/** The fields that say whether the code that was answered is the one that was typed. */
export function correctionJson({ corrections, code }: HeardCode) {
  return { corrected: corrections.length > 0, resetCode: code }
}
