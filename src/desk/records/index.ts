/**
 * The data of the desk as plain values: devices, users, operators, and the content of audit entries.
 * - Times are milliseconds since 1970. Ids are hexadecimal.
 * - A device's secret is not in its record. It is stored apart, under a key that fewer people have.
 */
import type { HexId } from '../../crypto/bytes.ts'
import type { PinAudience } from '../../crypto/pin.ts'
import type { OwnPolicy } from './inherited-policy.ts'

export const PLATFORMS = ['ios', 'android'] as const
export type Platform = (typeof PLATFORMS)[number]
export const DEVICE_STATES = ['invited', 'active', 'blocked', 'retired'] as const
/** `active` from the first confirmation on; `blocked` until an admin unblocks it; `retired` for good. */
export type DeviceState = (typeof DEVICE_STATES)[number]
/** How the user registered the device. It decides whether a one-time PIN may be issued. */
export const REGISTRATIONS = ['pin', 'password'] as const
export type Registration = (typeof REGISTRATIONS)[number]
export type Role = 'admin' | 'helpdesk' | 'auditor'

export type Device = {
  readonly deviceId: HexId
  /** 25 bits, unique at this desk; on the telephone, the first five symbols of a reset code. */
  readonly tag: number
  readonly name: string
  readonly user: string
  readonly platform: Platform | null
  readonly model: string | null
  readonly osVersion: string | null
  readonly appVersion: string | null
  readonly registeredBy: Registration
  readonly state: DeviceState
  readonly invitedAt: number
  /** The id of the operator who invited or imported it. */
  readonly invitedBy: string
  /** The id that the device management gives the device. A second import finds the device by it. */
  readonly managementId?: string
  readonly lastConfirmed: Confirmation | null
  /** The number of codes with a wrong MAC on one day (UTC days since 1970). */
  readonly wrongCodes: { readonly day: number; readonly count: number }
  /** Why the device is blocked, or another warning for the operator. */
  readonly blockedFor: string | null
  /** When a code of an old epoch was last seen. Then a copy of the device may be in use. */
  readonly alarmAt: number | null
  /** The invitation's flag: whether the device itself may accept a one-time PIN. It cannot be changed later. */
  readonly pinAllowed: boolean
  /** One state for each audience. The audience checks the PIN. */
  readonly pins: Readonly<Record<PinAudience, PinState>>
  /** The policy values of this device alone. It inherits the others. */
  readonly ownPolicy: OwnPolicy
}

/** How a PIN left the desk. One that was read out on the call proves nothing about the caller. */
export type PinDelivery = 'read-out' | 'mail'
/** The newest PIN for a device and audience. Its digits are not stored: the minute and the secret give them. */
export type IssuedPin = {
  readonly minute: number
  readonly ttlMinutes: number
  readonly delivered: PinDelivery
  readonly issuedAt: number
  /** The operator's id. */
  readonly issuedBy: string
  readonly ended: 'used' | 'revoked' | null
}
export type PinState = {
  readonly issued: IssuedPin | null
  readonly lastUsedMinute: number | null
  /** Wrong PINs since the last right one, or the last confirmed reset. */
  readonly wrong: number
  /** The highest time seen. With it, setting the clock back makes no expired PIN valid again. */
  readonly latestAt: number
  /** When a PIN was last redeemed at the desk, and how it was delivered. Only a mailed PIN proves the caller. */
  readonly redeemed: { readonly at: number; readonly delivered: PinDelivery } | null
}
export const NO_PIN: PinState = { issued: null, lastUsedMinute: null, wrong: 0, latestAt: 0, redeemed: null }

export type Confirmation = { readonly epoch: number; readonly at: number; readonly operator: string }

export type User = {
  readonly userId: HexId
  readonly name: string
  readonly addedAt: number
  readonly roles: readonly string[]
  /** A removed user is kept for the audit log, but is no longer found. */
  readonly removedAt: number | null
}

/** The roles that an organisation can give its users. An operator's role is something else. */
export const USER_ROLES = ['reset-secure-apps-passcode'] as const
export type UserRole = (typeof USER_ROLES)[number]

export type Operator = {
  readonly operatorId: HexId
  readonly name: string
  readonly role: Role
  /** X25519 public key. Section keys are sealed to it. */
  readonly boxKey: HexId
  /** Ed25519 public key. It verifies the signatures of audit entries. */
  readonly signKey: HexId
  readonly addedAt: number
}

/** An authenticator app of a caller or of an operator. Its secret is stored apart, as a device's is. */
export type TotpAccount = {
  /** The id of the user or operator whose second factor it is. */
  readonly ownerId: HexId
  readonly owner: 'user' | 'operator'
  readonly name: string
  /** `pending` until one of its codes is proven; `none` after a reset. */
  readonly state: 'pending' | 'active' | 'none'
  readonly enrolledAt: number
  /** The last step (of 30 s, since 1970) whose code was accepted. Neither it nor an earlier step is accepted again. */
  readonly lastStep: number | null
  /** Later steps whose codes were right but too early, and were reported as such. They are spent too. */
  readonly spentSteps: readonly number[]
  /** How many steps the app's clock is ahead of ours, as two consecutive codes proved. */
  readonly drift: number
  /** Wrong codes since the last right one. */
  readonly failures: number
  readonly closedUntil: number | null
  /** When a code was last accepted. */
  readonly verifiedAt: number | null
  /** Marks of the recovery codes that an operator has not used yet. */
  readonly recovery: readonly string[]
  readonly trusted: readonly TrustedWorkstation[]
}

/** A workstation that does not ask the operator for a code. `mark` is the mark of the token that it keeps. */
export type TrustedWorkstation = {
  readonly trustId: string
  readonly name: string
  readonly mark: string
  readonly since: number
  readonly until: number
}

export type Organisation = { readonly name: string; readonly createdAt: number }

/** The content of an audit entry. It never holds a code, a PIN, a key or a password. */
export type EntryContent = {
  /** noun.verb, as on the command line. */
  readonly action: string
  /** The object of the action; null for the store as a whole. */
  readonly subject: Subject | null
  /** `ok`, or the reason of the refusal. */
  readonly outcome: string
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}
export type Subject = {
  readonly kind: 'device' | 'user' | 'operator'
  readonly id: string
  readonly name: string
  readonly user: string | null
}
export type AuditEntry = EntryContent & { readonly seq: number; readonly at: number; readonly operator: string }

export const deviceSubject = ({ deviceId, name, user }: Device): Subject => ({
  kind: 'device',
  id: deviceId,
  name,
  user,
})
export const totpSubject = ({ ownerId, owner, name }: Pick<TotpAccount, 'ownerId' | 'owner' | 'name'>): Subject => ({
  kind: owner,
  id: ownerId,
  name,
  user: owner === 'user' ? name : null,
})
export const userSubject = ({ userId, name }: User): Subject => ({ kind: 'user', id: userId, name, user: name })
export const operatorSubject = ({ operatorId, name }: Operator): Subject => ({
  kind: 'operator',
  id: operatorId,
  name,
  user: null,
})
