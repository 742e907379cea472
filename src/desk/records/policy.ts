/** The policy of the organisation: the values until an admin sets others, and how each key is read and written. */
import {
  DEVICE_DEFAULTS,
  type DevicePolicy,
  describePolicyKind,
  formatPolicyValue,
  POLICY_FIELDS,
  type PolicyField,
  parsePolicyValue,
} from './inherited-policy.ts'
import type { WordingKey } from './mail-kinds.ts'
import { VERIFICATION_METHODS, type VerificationMethod } from './verification.ts'

export type Policy = DevicePolicy & {
  /** How long after a confirmation the same operator may see the same code again, because calls drop. */
  readonly repeatSeconds: number
  /** How many codes with a wrong MAC one device may have on one day. The last of them blocks it. */
  readonly wrongCodesPerDay: number
  /** Whether a caller must be verified. `warn` confirms the code and warns the operator. */
  readonly callerVerification: 'off' | 'warn' | 'required'
  /** The methods that count. A caller who is verified by another method counts as not verified. */
  readonly verificationMethods: readonly VerificationMethod[]
  /** Whether operators need an authenticator app to unlock. An operator without one sets it up at that moment. */
  readonly totpRequired: boolean
  /** How many days a workstation stays trusted. */
  readonly trustDays: number
  /** The organisation's own wordings of mails. A separate command sets them. */
  readonly wordings: Readonly<Partial<Record<WordingKey, string>>>
}

export const DEFAULT_POLICY: Policy = {
  repeatSeconds: 600,
  wrongCodesPerDay: 10,
  callerVerification: 'warn',
  verificationMethods: VERIFICATION_METHODS,
  totpRequired: false,
  trustDays: 30,
  wordings: {},
  ...DEVICE_DEFAULTS,
}

/** One key of the policy, as `policy set KEY VALUE` writes it. */
export type PolicyKey = {
  readonly key: string
  readonly meaning: string
  /** The values that VALUE can have, for people. */
  readonly values: string
  readonly read: (policy: Policy) => string
  /** Returns null for a value that the key cannot have. */
  readonly write: (policy: Policy, value: string) => Policy | null
}

export const POLICY_KEYS: readonly PolicyKey[] = [
  {
    key: 'caller.verification',
    meaning: 'whether the caller must be verified before a code is confirmed; warn confirms and says so',
    values: 'off, warn or required',
    read: ({ callerVerification }) => callerVerification,
    write: (policy, value) =>
      value === 'off' || value === 'warn' || value === 'required' ? { ...policy, callerVerification: value } : null,
  },
  {
    key: 'reset.repeatMinutes',
    meaning: 'how long the operator who confirmed a code may see it again, since calls drop',
    values: 'minutes, 0 to 1440',
    read: ({ repeatSeconds }) => String(repeatSeconds / 60),
    write: (policy, value) => withNumber(value, 0, 1440, (minutes) => ({ ...policy, repeatSeconds: minutes * 60 })),
  },
  {
    key: 'reset.wrongCodesPerDay',
    meaning: 'how many codes that are not genuine a device may have on one day; the last of them blocks it',
    values: 'a number, 1 to 10',
    read: ({ wrongCodesPerDay }) => String(wrongCodesPerDay),
    write: (policy, value) => withNumber(value, 1, 10, (count) => ({ ...policy, wrongCodesPerDay: count })),
  },
  {
    key: 'caller.methods',
    meaning: 'the ways of verifying a caller that count; by another they are as good as not verified',
    values: `of ${VERIFICATION_METHODS.join(',')}`,
    read: ({ verificationMethods }) => verificationMethods.join(','),
    write(policy, value) {
      const named = value.split(',')
      const verificationMethods = VERIFICATION_METHODS.filter((method) => named.includes(method))
      return verificationMethods.length === named.length ? { ...policy, verificationMethods } : null
    },
  },
  {
    key: 'totp.required',
    meaning:
      'whether operators need an authenticator app to unlock; who has none sets one up then (auditors need none)',
    values: 'on or off',
    read: ({ totpRequired }) => (totpRequired ? 'on' : 'off'),
    write: (policy, value) => (value === 'on' || value === 'off' ? { ...policy, totpRequired: value === 'on' } : null),
  },
  {
    key: 'totp.trustDays',
    meaning: 'how long a workstation stays trusted after unlock --trust',
    values: 'days, 1 to 365',
    read: ({ trustDays }) => String(trustDays),
    write: (policy, value) => withNumber(value, 1, 365, (trustDays) => ({ ...policy, trustDays })),
  },
  ...POLICY_FIELDS.map(ofDevices),
]

/** Makes the policy key for a field that devices inherit. */
function ofDevices(field: PolicyField): PolicyKey {
  const { key, sentence } = field
  return {
    key,
    meaning: `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`,
    values: describePolicyKind(field),
    read: (policy) => formatPolicyValue(policy[key]),
    write(policy, text) {
      const value = parsePolicyValue(field, text)
      return value === null ? null : { ...policy, [key]: value }
    },
  }
}

function withNumber(text: string, least: number, most: number, put: (value: number) => Policy): Policy | null {
  const value = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? put(value) : null
}

export function findPolicyKey(key: string): PolicyKey | undefined {
  return POLICY_KEYS.find((each) => each.key === key)
}

/** Returns the policy with one key set. An unknown key or value, perhaps of a newer keydesk, changes nothing. */
export function applyPolicy(policy: Policy, key: string, value: string): Policy {
  if (key.startsWith(WORDING_KEY_PREFIX)) return { ...policy, wordings: applyWording(policy.wordings, key, value) }
  return findPolicyKey(key)?.write(policy, value) ?? policy
}

/** If a statement sets a wording, its key begins with this prefix. No key of `policy set` begins with it. */
export const WORDING_KEY_PREFIX = 'mail.'

function applyWording(wordings: Policy['wordings'], key: string, value: string): Policy['wordings'] {
  const { [key.slice(WORDING_KEY_PREFIX.length)]: _, ...others } = wordings as Readonly<Record<string, string>>
  return value === '' ? others : { ...others, [key.slice(WORDING_KEY_PREFIX.length)]: value }
}
