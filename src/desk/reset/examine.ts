/**
 * The checks of a reset code up to its MAC: its device is known, the device is open for resets, the code is genuine.
 * Checking and confirming share them, and a code with a wrong MAC counts against the device in both. The caller and the
 * epoch are checked later.
 */
import { decodeHex } from '../../crypto/bytes.ts'
import { deriveDeskWords, isGenuine, readResetCode } from '../../crypto/codes.ts'
import type { DeviceSecret } from '../../crypto/keys.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { Refusal } from '../../errors.ts'
import type { Change } from '../decision.ts'
import type { Device } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import type { HeardCode } from './heard-code.ts'
import * as refusals from './refusals.ts'

const DAY_MS = 86_400_000

/** The store's data for the code: the device with its tag, and its secret. Null if the tag is unknown. */
export type ResetState = { readonly device: Device; readonly secret: DeviceSecret } | null
export type CheckRequest = { readonly heard: HeardCode; readonly namedDeviceId: string | null }

export type Examined = { device: Device; secret: DeviceSecret; epoch: number; deskWords: [string, string] }
export type Refused = { refusal: Refusal; changes: readonly Change[] }

/** Runs the checks up to the MAC. */
export function examine(
  state: ResetState,
  { heard, namedDeviceId }: CheckRequest,
  policy: Policy,
  now: number,
): Examined | Refused {
  const { tag, epoch } = readResetCode(heard.code)
  if (state === null) {
    // A correction that leads to no device corrected the wrong symbol. So the code was misheard, and no more is known.
    const refusal =
      heard.corrected === 'nothing' ? refusals.unknownTag(formatTag(tag)) : refusals.notCorrectable(heard, false)
    return { refusal, changes: [] }
  }
  const { device, secret } = state
  if (namedDeviceId !== null && namedDeviceId !== device.deviceId)
    return { refusal: refusals.otherDevice(device), changes: [] }
  if (device.state === 'blocked') return { refusal: refusals.blocked(device), changes: [] }
  if (device.state === 'retired') return { refusal: refusals.retired(device), changes: [] }
  if (!isGenuine(secret, decodeHex(device.deviceId), heard.code)) return countWrongCode(device, heard, policy, now)
  if (heard.corrected === 'proposed') return { refusal: refusals.corrected(heard), changes: [] }
  return { device, secret, epoch, deskWords: deriveDeskWords(secret, { id: decodeHex(device.deviceId), tag, epoch }) }
}

/**
 * Counts a wrong MAC against the device, even if the code was a corrected one. Otherwise a caller could guess for ever
 * by always misreading one symbol. A clock that was set back starts no new day.
 */
function countWrongCode(device: Device, heard: HeardCode, policy: Policy, now: number): Refused {
  const day = Math.max(Math.floor(now / DAY_MS), device.wrongCodes.day)
  const count = day === device.wrongCodes.day ? device.wrongCodes.count + 1 : 1
  const wrongCodes = { day, count }
  const full = count >= policy.wrongCodesPerDay
  const blockedFor = `${count} codes that were not genuine on one day`
  const record: Device = full ? { ...device, wrongCodes, state: 'blocked', blockedFor } : { ...device, wrongCodes }
  const refusal =
    heard.corrected === 'nothing' ? refusals.notGenuine(device, full) : refusals.notCorrectable(heard, full)
  return { refusal, changes: [{ put: 'device', record }] }
}
