/**
 * Decisions on users: the owners of the devices.
 * - A user is added by hand, or together with their first device. They can get the roles that the organisation allows.
 * - A user who still has a device that is not retired cannot be removed, because its resets would belong to nobody.
 */
import type { HexId } from '../crypto/bytes.ts'
import { normalizeUser } from '../crypto/pin.ts'
import type { Refusal } from '../errors.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { type Device, type Operator, type User, type UserRole, userSubject } from './records/index.ts'
import { refuseRole } from './records/roles.ts'

export type AddUserRequest = { readonly name: string; readonly userId: HexId }
/** `changed` is false if the user was in that state already. */
export type UserAnswer = { readonly user: User; readonly changed: boolean }

/** Whether the device belongs to this user. Names are normalized before they are compared. */
export const isOwner = ({ name }: Pick<User, 'name'>, device: Pick<Device, 'user'>): boolean =>
  normalizeUser(name) === normalizeUser(device.user)

/** Adds the user under the normalized name. `known` is the user who has this name already. */
export function decideAddUser(
  known: User | null,
  { name, userId }: AddUserRequest,
  { now, operator }: Circumstances,
): Decision<User> {
  const record: User = { userId, name: normalizeUser(name), addedAt: now, roles: [], removedAt: null }
  const entry = { action: 'user.add', subject: userSubject(known ?? record), details: {} }
  const forbidden = refuseRole('user.add', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (known === null) return allow(entry, [{ put: 'user', record }], record)
  return refuse(entry, { kind: 'refused', reason: 'user-exists', message: `${known.name} is a user already` })
}

/** Removes the user. `devices` are all devices of this user. Admin only. */
export function decideRemoveUser(user: User, devices: readonly Device[], { now, operator }: Circumstances) {
  const entry = { action: 'user.remove', subject: userSubject(user), details: {} }
  const forbidden = refuseRole('user.remove', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const open = devices.filter(({ state }) => state !== 'retired')
  if (open.length > 0) return refuse(entry, hasDevices(user, open))
  const record = { ...user, removedAt: now }
  return allow(entry, [{ put: 'user', record }], record)
}

/**
 * Grants or revokes a role that the organisation allows its users. Admin only: the helpdesk must not lift its own
 * limits.
 */
export function decideRole(
  user: User,
  role: UserRole,
  what: 'grant' | 'revoke',
  { operator }: { readonly operator: Operator },
): Decision<UserAnswer> {
  const has = user.roles.includes(role)
  const already = has === (what === 'grant')
  const entry = { action: `user.${what}`, subject: userSubject(user), details: { role, already } }
  const forbidden = refuseRole(`user.${what}`, operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (already) return allow(entry, [], { user, changed: false })
  const roles = has ? user.roles.filter((each) => each !== role) : [...user.roles, role]
  const record = { ...user, roles }
  return allow(entry, [{ put: 'user', record }], { user: record, changed: true })
}

const hasDevices = ({ name }: User, open: readonly Device[]): Refusal => ({
  kind: 'refused',
  reason: 'has-devices',
  message: `${name} still has ${open.length === 1 ? `a device: ${open[0]?.name}` : `${open.length} devices`}`,
  hint: `retire ${open.length === 1 ? 'it' : 'each of them'} first: keydesk device retire ${open[0]?.deviceId}`,
  details: { devices: open.map(({ deviceId }) => deviceId) },
})
