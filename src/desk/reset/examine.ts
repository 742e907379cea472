/**
 * What a reset code says, up to its MAC: whose device, open for resets, genuine or not. Checking and confirming share these steps, and a code
 * whose MAC is wrong counts against the device in both. Who is calling, and which epoch it is, comes after.
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

/** What the store holds about the code: the device with its tag, and its secret. */
export type ResetState = { readonly device: Device; readonly secret: DeviceSecret } | null
export type CheckRequest = { readonly heard: HeardCode; readonly namedDeviceId: string | null }

export type Examined = { device: Device; secret: DeviceSecret; epoch: number; deskWords: [string, string] }
export type Refused = { refusal: Refusal; changes: readonly Change[] }

/** The steps up to the MAC, which checking and confirming share. */
export function examine(
  state: ResetState,
  { heard, namedDeviceId }: CheckRequest,
  policy: Policy,
  now: number,
): Examined | Refused {
  const { tag, epoch } = readResetCode(heard.code)
  if (state === null) {
    // A correction that leads to no device corrected the wrong symbol: the code was misheard, and that is all that is known.
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
 * A wrong MAC is counted against the device even when the code was a corrected one: otherwise a caller could guess for ever by
 * always misreading one symbol. A clock that was set back starts no new day.
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
