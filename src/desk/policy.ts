/**
 * Decisions of an admin on policy, for the whole desk or for one device. A device inherits the desk's value unless it
 * has its own. Both decisions write an audit entry.
 */
import type { Refusal } from '../errors.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { type Device, deviceSubject } from './records/index.ts'
import { type DevicePolicyKey, type DevicePolicyValue, formatPolicyValue } from './records/inherited-policy.ts'
import type { Policy, PolicyKey } from './records/policy.ts'
import { refuseRole } from './records/roles.ts'

export function decideSetPolicy(
  policy: Policy,
  { key, read, write, values }: PolicyKey,
  value: string,
  { operator }: Circumstances,
  /** Whether the admin has an active authenticator app. */
  hasApp: boolean,
): Decision<Policy> {
  const next = write(policy, value)
  // The typed value goes into the audit log only if it is valid: other text might be anything, even a secret.
  const to = next === null ? null : read(next)
  const entry = { action: 'policy.set', subject: null, details: { key, from: read(policy), to } }
  const forbidden = refuseRole('policy.set', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  // An admin who demands an app of everybody must first show that their own app works.
  if (next?.totpRequired === true && !policy.totpRequired && !hasApp) return refuse(entry, appMissing)
  if (next !== null) return allow(entry, [{ put: 'policy', key, value }], next)
  const message = `${key} cannot be that`
  return refuse(entry, { kind: 'usage', reason: 'bad-value', message, hint: `it can be ${values}` })
}

const appMissing: Refusal = {
  kind: 'refused',
  reason: 'app-missing',
  message: 'you have no authenticator app in force yourself',
  hint: 'set yours up first: keydesk totp enroll --self',
}

export type OwnValue = {
  readonly key: DevicePolicyKey
  /** Null makes the device inherit the value. */
  readonly value: DevicePolicyValue | null
}

export function decideOwnPolicy(
  device: Device,
  { key, value }: OwnValue,
  { operator }: Circumstances,
): Decision<Device> {
  const details = { key, value: value === null ? 'inherit' : formatPolicyValue(value) }
  const entry = { action: 'device.policy', subject: deviceSubject(device), details }
  const forbidden = refuseRole('device.policy', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const { [key]: _, ...others } = device.ownPolicy
  const record: Device = { ...device, ownPolicy: value === null ? others : { ...others, [key]: value } }
  return allow(entry, [{ put: 'device', record }], record)
}
