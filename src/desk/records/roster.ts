/**
 * The roster: the operators, the keys of the sections, and the active policy. It is the sum of statements that admins
 * signed.
 * - A statement counts only if its signer was an admin when it was made.
 * - The first statement is the founder's own. The store's id is bound to the founder's key.
 * - So an operator who can write the store's file still cannot make themselves an admin.
 */
import { decodeHex, encodeHex, equalBytes, type HexId } from '../../crypto/bytes.ts'
import { checkStatement, commitToKey, deriveStoreId, rosterGenesis, type SignedStatement } from '../../crypto/roster.ts'
import { SECTIONS, type Section } from '../../crypto/section.ts'
import type { Operator } from './index.ts'
import { applyPolicy, DEFAULT_POLICY, type Policy } from './policy.ts'

/** The keys of one generation as a statement holds them: their commitments, hexadecimal. */
export type Commitments = Readonly<Record<Section, string>>
/** The keys of one generation. */
export type SectionKeys = Readonly<Record<Section, Uint8Array>>

export type RosterChange =
  | { readonly kind: 'founder'; readonly operator: Operator; readonly salt: string; readonly keys: Commitments }
  /** A new operator, or a new role for a present one. */
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'removal'; readonly operatorId: HexId; readonly at: number }
  | { readonly kind: 'keys'; readonly keys: Commitments }
  | { readonly kind: 'policy'; readonly key: string; readonly value: string }

export type Member = Operator & { readonly removedAt: number | null }
export type Roster = {
  /** The input from which the store's id was derived. */
  readonly founding: { readonly founderKey: Uint8Array; readonly salt: Uint8Array }
  /** In the order of joining, with those who left: their signatures must still be checked. */
  readonly members: readonly Member[]
  /** The first element is generation 1. */
  readonly keys: readonly Commitments[]
  readonly policy: Policy
  readonly head: { readonly seq: number; readonly hash: Uint8Array }
}

export const findMember = ({ members }: Roster, operatorId: string): Member | undefined =>
  members.find((member) => member.operatorId === operatorId)
export const presentMembers = ({ members }: Roster): Member[] => members.filter(({ removedAt }) => removedAt === null)
const hasAdmin = (roster: Roster): boolean => presentMembers(roster).some(({ role }) => role === 'admin')

export function commitToKeys(keys: SectionKeys, generation: number): Commitments {
  const commit = (section: Section) => [section, encodeHex(commitToKey(keys[section], section, generation))]
  return Object.fromEntries(SECTIONS.map(commit)) as Commitments
}

/**
 * Returns the roster with one more statement; `roster` is null before the first. Returns null if the statement does not
 * hold.
 */
export function foldStatement(storeId: Uint8Array, roster: Roster | null, statement: SignedStatement): Roster | null {
  const change = parseChange(statement.body)
  if (change === null) return null
  if (roster === null) return change.kind === 'founder' ? found(storeId, change, statement) : null
  const signer = findMember(roster, encodeHex(statement.signerId))
  if (signer === undefined || signer.removedAt !== null || signer.role !== 'admin') return null
  const hash = checkStatement(keyOf(signer), storeId, roster.head, statement)
  const next = hash === null ? null : apply(roster, change)
  return hash === null || next === null ? null : { ...next, head: { seq: statement.seq, hash } }
}

const keyOf = ({ signKey }: Operator): Uint8Array => decodeHex(signKey) ?? new Uint8Array(32)

type Founding = Extract<RosterChange, { kind: 'founder' }>

function found(storeId: Uint8Array, { operator, salt, keys }: Founding, statement: SignedStatement): Roster | null {
  const key = decodeHex(operator.signKey)
  const bytes = decodeHex(salt)
  if (key?.length !== 32 || bytes?.length !== 16 || !equalBytes(deriveStoreId(key, bytes), storeId)) return null
  if (operator.role !== 'admin' || operator.operatorId !== encodeHex(statement.signerId)) return null
  const hash = checkStatement(key, storeId, { seq: 0, hash: rosterGenesis(storeId) }, statement)
  const members = [{ ...operator, removedAt: null }]
  const founding = { founderKey: key, salt: bytes }
  return hash === null ? null : { founding, members, keys: [keys], policy: DEFAULT_POLICY, head: { seq: 1, hash } }
}

/** Applies a statement. Returns null if it contradicts the roster, or leaves the desk without an admin. */
function apply(roster: Roster, change: RosterChange): Roster | null {
  if (change.kind === 'founder') return null
  if (change.kind === 'policy') return { ...roster, policy: applyPolicy(roster.policy, change.key, change.value) }
  if (change.kind === 'keys') return { ...roster, keys: [...roster.keys, change.keys] }
  const members = change.kind === 'operator' ? putMember(roster, change.operator) : removeMember(roster, change)
  const next = members === null ? null : { ...roster, members }
  return next !== null && hasAdmin(next) ? next : null
}

function putMember(roster: Roster, operator: Operator): Member[] | null {
  const before = findMember(roster, operator.operatorId)
  if (before === undefined) return [...roster.members, { ...operator, removedAt: null }]
  // An operator who left can come back only under a new id. A signing key never changes: it must verify old signatures.
  if (before.removedAt !== null || before.signKey !== operator.signKey) return null
  return roster.members.map((member) => (member === before ? { ...operator, removedAt: null } : member))
}

function removeMember(roster: Roster, { operatorId, at }: Extract<RosterChange, { kind: 'removal' }>): Member[] | null {
  const before = findMember(roster, operatorId)
  if (before === undefined || before.removedAt !== null) return null
  return roster.members.map((member) => (member === before ? { ...member, removedAt: at } : member))
}

const KINDS: readonly unknown[] = ['founder', 'operator', 'removal', 'keys', 'policy'] satisfies RosterChange['kind'][]

/** Checks only the kind: a statement that no admin signed does not count anyway. */
function parseChange(body: string): RosterChange | null {
  try {
    const change: unknown = JSON.parse(body)
    return KINDS.includes((change as RosterChange | null)?.kind) ? (change as RosterChange) : null
  } catch {
    return null
  }
}
