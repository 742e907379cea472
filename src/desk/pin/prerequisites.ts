/**
 * The prerequisites of a one-time PIN. Each is checked by itself, so that the operator sees all that are missing at
 * once, with the command that would meet each.
 * A hint must be safe to paste into a shell: it names a device by its id, and writes USER for a user name that is not
 * safe.
 */
import type { PinAudience } from '../../crypto/pin.ts'
import type { Device, User } from '../records/index.ts'
import { type DevicePolicyKey, policyFor } from '../records/inherited-policy.ts'
import type { Policy } from '../records/policy.ts'

export type Prerequisite = {
  /** A stable word for scripts. */
  readonly name: string
  readonly met: boolean
  /** The command or the advice that would meet it; null if it is met. */
  readonly hint: string | null
}

/** Returns all prerequisites, in the order in which they are listed. */
export function listPrerequisites(
  user: User,
  device: Device,
  audience: PinAudience,
  organisation: Policy,
): Prerequisite[] {
  const policy = policyFor(organisation, device)
  const isOn = (...keys: DevicePolicyKey[]) => keys.some((key) => policy[key] === true)
  const turnOn = (key: DevicePolicyKey) => `keydesk policy set ${key} on`
  const invite = `keydesk device invite --user ${pasteable(user.name)} --registered-by pin --allow-pin`
  // A device of an unknown platform counts as iOS. Otherwise leaving out the platform would be a way around policy.
  const isIos = device.platform !== 'android'
  const all: [name: string, met: boolean, hint: string][] = [
    ['role', user.roles.includes(ROLE), `keydesk user grant ${pasteable(user.name)} ${ROLE}`],
    ['licence', isOn('licence.appconnect', 'licence.docs', 'licence.web'), turnOn('licence.appconnect')],
    ['ios-passcode-required', !isIos || isOn('device.ios.passcodeRequired'), turnOn('device.ios.passcodeRequired')],
    ['ios-recovery-allowed', !isIos || isOn('device.ios.allowRecovery'), turnOn('device.ios.allowRecovery')],
    ['registered-by-pin', device.registeredBy === 'pin', USE_PASSWORD],
    ['invitation-allows-pin', audience === 'desk' || device.pinAllowed, `enrol it anew: ${invite}`],
    ['device-open', device.state !== 'blocked' && device.state !== 'retired', openAgain(device, invite)],
  ]
  return all.map(([name, met, hint]) => ({ name, met, hint: met ? null : hint }))
}

const ROLE = 'reset-secure-apps-passcode'
const USE_PASSWORD =
  'the device was registered with name and password: have the user prove themselves with these instead'

const openAgain = ({ state, deviceId }: Device, invite: string): string =>
  state === 'retired' ? `it is retired; enrol another: ${invite}` : `keydesk device unblock ${deviceId}`

/** Returns the name if a shell reads it as one plain word, else USER. */
const pasteable = (name: string): string => (/^\w[\w@%+=:,.-]*$/.test(name) ? name : 'USER')
