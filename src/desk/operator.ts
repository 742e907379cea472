/**
 * Decisions on operators: they join, leave, change roles, and get new keys.
 * If an operator loses access to a section, all sections get new keys. The operator can read nothing that is written
 * from then on, whatever keys they kept.
 */
import type { Refusal } from '../errors.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from './decision.ts'
import { type Operator, type Organisation, operatorSubject, type Role } from './records/index.ts'
import { refuseRole, SECTIONS_OF } from './records/roles.ts'
import { type Member, presentMembers, type Roster, type SectionKeys } from './records/roster.ts'

/** Creates the first state of a desk: its organisation. The first admin founds the roster. */
export function decideInit(organisation: string, { now, operator }: Circumstances): Decision<Organisation> {
  const record: Organisation = { name: organisation, createdAt: now }
  const entry = { action: 'store.init', subject: operatorSubject(operator), details: { organisation } }
  return allow(entry, [{ put: 'organisation', record }], record)
}

/** Logs that an operator unlocked their keys, and for how long. */
export function decideUnlock(limitSeconds: number, { operator }: Circumstances): Decision<Operator> {
  return allow(
    { action: 'operator.unlock', subject: operatorSubject(operator), details: { limitSeconds } },
    [],
    operator,
  )
}

/** Adds an operator. The commit seals the keys of the role to them. */
export function decideAddOperator(roster: Roster, record: Operator, { operator }: Circumstances): Decision<Operator> {
  const entry = { action: 'operator.add', subject: operatorSubject(record), details: { role: record.role } }
  const forbidden = refuseRole('operator.add', operator) ?? refuseTaken(roster, record)
  return forbidden === null ? allow(entry, [{ put: 'operator', record }], record) : refuse(entry, forbidden)
}

function refuseTaken(roster: Roster, { name, operatorId }: Operator): Refusal | null {
  const same = (other: string) => other.toLowerCase() === name.toLowerCase()
  const taken = presentMembers(roster).some((member) => same(member.name))
  const known = roster.members.some((member) => member.operatorId === operatorId)
  if (!taken && !known) return null
  return {
    kind: 'refused',
    reason: 'operator-exists',
    message: taken ? `there is an operator ${name} already` : `this request was answered already`,
    hint: taken ? 'choose another name' : 'ask for a new one: keydesk operator request',
  }
}

/** Ends an operator's rights. `fresh` are the keys that replace the present ones. */
export function decideRemoveOperator(
  roster: Roster,
  member: Member,
  fresh: SectionKeys,
  { now, operator }: Circumstances,
): Decision<Member> {
  const entry = { action: 'operator.remove', subject: operatorSubject(member), details: { role: member.role } }
  const forbidden = refuseRole('operator.remove', operator) ?? refuseLastAdmin(roster, member)
  if (forbidden !== null) return refuse(entry, forbidden)
  // The keys come first: an operator who removes themselves may state nothing after the removal.
  const changes: Change[] = [
    { put: 'keys', keys: fresh },
    { put: 'removal', operatorId: member.operatorId, at: now },
  ]
  return allow(entry, changes, { ...member, removedAt: now })
}

/** Changes a role. `fresh` is used only if the new role may read less. */
export function decideChangeRole(
  roster: Roster,
  member: Member,
  role: Role,
  fresh: SectionKeys,
  { operator }: Circumstances,
): Decision<Operator> {
  const entry = { action: 'operator.role', subject: operatorSubject(member), details: { from: member.role, to: role } }
  const { removedAt: _, ...record } = { ...member, role }
  const loses = SECTIONS_OF[member.role].some((section) => !SECTIONS_OF[role].includes(section))
  const forbidden =
    refuseRole('operator.role', operator) ??
    (member.role === role ? sameRole(member) : null) ??
    (role === 'admin' ? null : refuseLastAdmin(roster, member))
  if (forbidden !== null) return refuse(entry, forbidden)
  const keys: Change[] = loses ? [{ put: 'keys', keys: fresh }] : []
  return allow(entry, [...keys, { put: 'operator', record }], record)
}

const sameRole = ({ name, role }: Member): Refusal => ({
  kind: 'refused',
  reason: 'same-role',
  message: `${name} is ${role} already`,
})

function refuseLastAdmin(roster: Roster, member: Member): Refusal | null {
  const admins = presentMembers(roster).filter(({ role }) => role === 'admin')
  if (member.role !== 'admin' || admins.length > 1) return null
  return {
    kind: 'refused',
    reason: 'last-admin',
    message: `${member.name} is the only admin of this desk`,
    hint: 'give the role to somebody else first: keydesk operator role NAME admin',
  }
}

/** Replaces the keys of all sections. All data is then sealed again under the new keys. */
export function decideRekey(fresh: SectionKeys, { operator }: Circumstances): Decision<null> {
  const entry = { action: 'store.rekey', subject: null, details: {} }
  const forbidden = refuseRole('store.rekey', operator)
  return forbidden === null ? allow(entry, [{ put: 'keys', keys: fresh }], null) : refuse(entry, forbidden)
}
