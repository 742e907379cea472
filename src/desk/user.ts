/**
 * Users: the people whose devices these are. They are added by hand or with their first device, and may be granted what the organisation
 * allows them. Somebody who still has a device that is not retired is not removed: its resets would belong to nobody.
 */
import type { HexId } from '../crypto/bytes.ts'
import { normalizeUser } from '../crypto/pin.ts'
import type { Refusal } from '../errors.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { type Device, type Operator, type User, type UserRole, userSubject } from './records/index.ts'
import { refuseRole } from './records/roles.ts'

export type AddUserRequest = { readonly name: string; readonly userId: HexId }
/** `changed` is false where it was so already. */
export type UserAnswer = { readonly user: User; readonly changed: boolean }

/** Whether the device is this user's, in whatever spelling. */
export const isOwner = ({ name }: Pick<User, 'name'>, device: Pick<Device, 'user'>): boolean =>
  normalizeUser(name) === normalizeUser(device.user)

/** Adds the user under the normal spelling of the name; `known` is who has it already. */
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

/** Removes the user; `devices` are all devices of theirs. An admin's. */
export function decideRemoveUser(user: User, devices: readonly Device[], { now, operator }: Circumstances) {
  const entry = { action: 'user.remove', subject: userSubject(user), details: {} }
  const forbidden = refuseRole('user.remove', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const open = devices.filter(({ state }) => state !== 'retired')
  if (open.length > 0) return refuse(entry, hasDevices(user, open))
  const record = { ...user, removedAt: now }
  return allow(entry, [{ put: 'user', record }], record)
}

/** Grants or takes away what the organisation allows its users. An admin's: a helpdesk must not open its own doors. */
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
