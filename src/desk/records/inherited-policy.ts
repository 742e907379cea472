/**
 * The policy that a device can have of its own, and otherwise inherits from the organisation: licences, iOS settings,
 * and a PIN's lifetime. One table holds each key with its kind of value, its default, and a sentence that explains it.
 */

export const POLICY_FIELDS = [
  {
    key: 'licence.appconnect',
    kind: 'switch',
    fallback: false,
    sentence: 'AppConnect for third-party and in-house apps is licensed; a PIN needs this licence or another one.',
  },
  {
    key: 'licence.docs',
    kind: 'switch',
    fallback: false,
    sentence: 'Docs@Work is licensed; a PIN needs this licence or another one.',
  },
  {
    key: 'licence.web',
    kind: 'switch',
    fallback: false,
    sentence: 'Web@Work is licensed; a PIN needs this licence or another one.',
  },
  {
    key: 'device.ios.passcodeRequired',
    kind: 'switch',
    fallback: false,
    sentence: 'An iOS device must have a passcode; without that there is none to recover.',
  },
  {
    key: 'device.ios.allowRecovery',
    kind: 'switch',
    fallback: false,
    sentence: 'Users of iOS devices may recover a forgotten passcode with a one-time PIN.',
  },
  {
    key: 'pin.ttlHours',
    kind: 'hours',
    fallback: 24,
    sentence: 'A one-time PIN is good for so many hours, 24 at most.',
  },
] as const

export type PolicyField = (typeof POLICY_FIELDS)[number]
export type DevicePolicyKey = PolicyField['key']
/** A value for every field of the table. */
export type DevicePolicy = {
  readonly [F in PolicyField as F['key']]: F['kind'] extends 'switch' ? boolean : number
}
/** The values of one device. It inherits those that are left out. */
export type OwnPolicy = Partial<DevicePolicy>
export type DevicePolicyValue = DevicePolicy[DevicePolicyKey]

export const DEVICE_DEFAULTS = Object.fromEntries(
  POLICY_FIELDS.map(({ key, fallback }) => [key, fallback]),
) as DevicePolicy

const LONGEST_HOURS = 24
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['false', false],
  ['no', false],
])

export function findPolicyField(key: string): PolicyField | null {
  return POLICY_FIELDS.find((field) => field.key === key) ?? null
}

/** The values that the field accepts, for an error or a help text. */
export const describePolicyKind = ({ kind }: PolicyField): string =>
  kind === 'switch' ? 'on or off' : `whole hours from 1 to ${LONGEST_HOURS}`

/** Returns null if the text is not a value of the field. */
export function parsePolicyValue({ kind }: PolicyField, text: string): DevicePolicyValue | null {
  if (kind === 'switch') return SWITCHES.get(text.toLowerCase()) ?? null
  const hours = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0
  return hours >= 1 && hours <= LONGEST_HOURS ? hours : null
}

/** The value as the command line writes it. */
export const formatPolicyValue = (value: DevicePolicyValue): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)

/** Returns the active policy of a device: its own values replace those of the organisation. */
export const policyFor = <P extends DevicePolicy>(policy: P, { ownPolicy }: { readonly ownPolicy: OwnPolicy }): P => ({
  ...policy,
  ...ownPolicy,
})
