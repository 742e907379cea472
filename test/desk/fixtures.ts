/** Devices, operators and reset codes for the tests of the decisions. Nothing here touches a clock or a disk. */
import { encodeHex } from '../../src/crypto/bytes.ts'
import { deriveResetCode } from '../../src/crypto/codes.ts'
import { asDeviceSecret, type DeviceSecret } from '../../src/crypto/keys.ts'
import type { ResetCode } from '../../src/crypto/spoken.ts'
import type { Change, Decision } from '../../src/desk/decision.ts'
import { type Device, NO_PIN, type Operator } from '../../src/desk/records/index.ts'
import { DEFAULT_POLICY, type Policy } from '../../src/desk/records/policy.ts'
import type { ConfirmRequest } from '../../src/desk/reset/decide.ts'
import type { HeardCode } from '../../src/desk/reset/heard-code.ts'
import { counting, filled } from '../crypto/fixtures.ts'

/** 2026-03-02T09:00:00Z. */
export const NOW = Date.UTC(2026, 2, 2, 9)
export const DAY_MS = 86_400_000

export const ID = counting(16, 16)
export const TAG = 0x15aa51
export const SECRET: DeviceSecret = asDeviceSecret(counting(100, 32))
const OTHER_SECRET: DeviceSecret = asDeviceSecret(counting(1, 32))

export const DEVICE: Device = {
  deviceId: encodeHex(ID),
  tag: TAG,
  name: 'iPhone',
  user: 'zoe@example.ch',
  platform: 'ios',
  model: 'iPhone 17',
  osVersion: null,
  appVersion: null,
  registeredBy: 'password',
  state: 'active',
  invitedAt: NOW - DAY_MS,
  invitedBy: 'ab'.repeat(16),
  lastConfirmed: null,
  wrongCodes: { day: 0, count: 0 },
  blockedFor: null,
  alarmAt: null,
  pinAllowed: true,
  pins: { device: NO_PIN, desk: NO_PIN },
  ownPolicy: {},
}

const operatorOf = (number: number, name: string, role: Operator['role']): Operator => ({
  operatorId: encodeHex(filled(16, number)),
  name,
  role,
  boxKey: encodeHex(filled(32, number)),
  signKey: encodeHex(filled(32, number + 1)),
  addedAt: 0,
})
export const ANNA = operatorOf(10, 'anna', 'helpdesk')
export const BEN = operatorOf(20, 'ben', 'helpdesk')
export const ADA = operatorOf(30, 'ada', 'admin')

/** The code that the device shows in the epoch. */
export const codeOf = (epoch: number): ResetCode => deriveResetCode(SECRET, { id: ID, tag: TAG, epoch })
/** An invented code: it has the device's tag and a valid check, but a wrong MAC. */
export const inventionOf = (epoch: number): ResetCode => deriveResetCode(OTHER_SECRET, { id: ID, tag: TAG, epoch })

export const CORRECTION = { at: 6, heard: 'B', shouldBe: 'D' }
export function hear(code: ResetCode, corrected: HeardCode['corrected'] = 'nothing'): HeardCode {
  return { code, corrected, corrections: corrected === 'nothing' ? [] : [CORRECTION] }
}

export function requestOf(code: ResetCode, given: Partial<ConfirmRequest> = {}): ConfirmRequest {
  return { heard: hear(code), namedDeviceId: null, verifiedBy: 'callback', ticket: null, reason: null, ...given }
}

export const policyOf = (given: Partial<Policy> = {}): Policy => ({ ...DEFAULT_POLICY, ...given })

/** The device after the changes of the decision. */
export function applyTo(device: Device, { changes }: { readonly changes: readonly Change[] }): Device {
  return changes.reduce((now, change) => (change.put === 'device' ? change.record : now), device)
}

export const reasonOf = (decision: Decision<unknown>): string =>
  'refusal' in decision ? decision.refusal.reason : 'ok'
