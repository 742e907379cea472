/**
 * What a device may have of its own, and inherits from the organisation where it has not: licences, what iOS allows, and a PIN's lifetime. One
 * table: key, kind of value, default, and a sentence that says what it means.
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
/** What a device has of its own; what is left out is inherited. */
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

/** What may be written for the field, for an error or a help text. */
export const describePolicyKind = ({ kind }: PolicyField): string =>
  kind === 'switch' ? 'on or off' : `whole hours from 1 to ${LONGEST_HOURS}`

/** Null for what is no value of the field. */
export function parsePolicyValue({ kind }: PolicyField, text: string): DevicePolicyValue | null {
  if (kind === 'switch') return SWITCHES.get(text.toLowerCase()) ?? null
  const hours = /^[0-9]{1,2}$/.test(text) ? Number(text) : 0
  return hours >= 1 && hours <= LONGEST_HOURS ? hours : null
}

/** As it is written on the command line. */
export const formatPolicyValue = (value: DevicePolicyValue): string =>
  typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value)

/** Policy as it is in force for a device. */
export const policyFor = <P extends DevicePolicy>(policy: P, { ownPolicy }: { readonly ownPolicy: OwnPolicy }): P => ({
  ...policy,
  ...ownPolicy,
})
