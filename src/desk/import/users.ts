/**
 * An import of users: all of its lines or none. Unknown users are added. If the file says roles, they replace the
 * user's roles.
 */
import { allow, type Change, type Circumstances, type Decision, refuse } from '../decision.ts'
import type { User } from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'
import { createUsers, refuseLines } from './devices.ts'
import type { LineFault, UserRow } from './rows.ts'

export type UserLinePlan = {
  readonly what: 'add' | 'change' | 'same'
  readonly row: UserRow
  /** The roles after the import. */
  readonly roles: readonly string[]
  /** Null for a new user. */
  readonly user: User | null
}
export type UserPlan = { readonly lines: readonly UserLinePlan[]; readonly refused: readonly LineFault[] }
export type UserCounts = {
  readonly lines: number
  readonly added: number
  readonly changed: number
  readonly unchanged: number
  readonly refused: number
}

/**
 * `users` has normalized names as keys. A list of devices names a user more than once: that is a fault only if the
 * lines disagree.
 */
export function planUsers(rows: readonly UserRow[], users: ReadonlyMap<string, User>): UserPlan {
  const said = new Set<string>()
  const lines: UserLinePlan[] = []
  const refused = findDisagreeing(rows)
  const bad = new Set(refused.map(({ line }) => line))
  for (const row of rows) {
    if (bad.has(row.line)) continue
    if (!said.has(row.owner)) lines.push(planUser(row, users.get(row.owner) ?? null))
    else lines.push({ what: 'same', row, roles: [], user: users.get(row.owner) ?? null })
    said.add(row.owner)
  }
  return { lines, refused }
}

function planUser(row: UserRow, user: User | null): UserLinePlan {
  const before = user?.roles ?? []
  const roles = row.roles ?? before
  if (user === null) return { what: 'add', row, roles, user }
  const isSame = roles.length === before.length && roles.every((role) => before.includes(role))
  return { what: isSame ? 'same' : 'change', row, roles, user }
}

/** Refuses all lines of a user whose lines disagree, whatever their order is. */
function findDisagreeing(rows: readonly UserRow[]): LineFault[] {
  const byOwner = new Map<string, { readonly line: number; readonly roles: string; differs: boolean }>()
  const rolesOf = ({ roles }: UserRow) => (roles === null ? '-' : [...roles].sort().join(' '))
  for (const row of rows) {
    const first = byOwner.get(row.owner)
    if (first === undefined) byOwner.set(row.owner, { line: row.line, roles: rolesOf(row), differs: false })
    else if (first.roles !== rolesOf(row)) first.differs = true
  }
  const message = 'the lines of this user do not grant the same'
  return rows
    .filter(({ owner }) => byOwner.get(owner)?.differs)
    .map(({ line }) => ({ line, column: null, reason: 'lines-disagree', message }))
}

export const newNames = ({ lines }: UserPlan): string[] =>
  lines.filter(({ what }) => what === 'add').map(({ row }) => row.owner)

export function countUsers({ lines, refused }: UserPlan): UserCounts {
  const counts = { add: 0, change: 0, same: 0 }
  for (const { what } of lines) counts[what]++
  const { add: added, change: changed, same: unchanged } = counts
  return { lines: lines.length + refused.length, added, changed, unchanged, refused: refused.length }
}

/** `userIds` holds `userBytes(newNames(plan))` random bytes. */
export function decideImportUsers(
  plan: UserPlan,
  userIds: Uint8Array,
  circumstances: Circumstances,
): Decision<UserCounts> {
  const counts = countUsers(plan)
  const { refused, ...done } = counts
  const granted = plan.lines.filter(({ what, roles }) => what !== 'same' && roles.length > 0).length
  const details = refused > 0 ? { lines: counts.lines, refused } : { ...done, granted }
  const entry = { action: 'user.import', subject: null, details }
  const forbidden = refuseRole('user.import', circumstances.operator) ?? refuseLines(plan.refused, counts.lines)
  if (forbidden !== null) return refuse(entry, forbidden)
  const added = plan.lines.filter(({ what }) => what === 'add')
  const changes = createUsers(newNames(plan), userIds, circumstances).map(
    (record, i): Change => ({
      put: 'user',
      record: { ...record, roles: added[i]?.roles ?? [] },
    }),
  )
  for (const { what, user, roles } of plan.lines)
    if (what === 'change' && user !== null) changes.push({ put: 'user', record: { ...user, roles } })
  return allow(entry, changes, counts)
}
