/** What policy says otherwise for one device: set by an admin, or inherited again. */
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type Device, deviceSubject } from '../records/index.ts'
import { type DevicePolicyKey, type DevicePolicyValue, formatPolicyValue } from '../records/inherited-policy.ts'
import { refuseRole } from '../records/roles.ts'

export type OwnValue = {
  readonly key: DevicePolicyKey /** Null to inherit. */
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
