/**
 * The roster: who the operators are, which keys the sections have, and what policy is in force, as the sum of statements that admins
 * signed. A statement counts only if whoever signed it was an admin when it was made; the first is the founder's own,
 * to whose key the store's id is bound. So an operator who can write the store's file can still not make themselves an admin.
 */
import { decodeHex, encodeHex, equalBytes, type HexId } from '../../crypto/bytes.ts'
import { checkStatement, commitToKey, deriveStoreId, rosterGenesis, type SignedStatement } from '../../crypto/roster.ts'
import { SECTIONS, type Section } from '../../crypto/section.ts'
import type { Operator } from './index.ts'
import { applyPolicy, DEFAULT_POLICY, type Policy } from './policy.ts'

/** The keys of one generation as they are stated: their commitments, hexadecimal. */
export type Commitments = Readonly<Record<Section, string>>
/** The keys of one generation themselves. */
export type SectionKeys = Readonly<Record<Section, Uint8Array>>

export type RosterChange =
  | { readonly kind: 'founder'; readonly operator: Operator; readonly salt: string; readonly keys: Commitments }
  /** A new operator, or another role for one who is there. */
  | { readonly kind: 'operator'; readonly operator: Operator }
  | { readonly kind: 'removal'; readonly operatorId: HexId; readonly at: number }
  | { readonly kind: 'keys'; readonly keys: Commitments }
  | { readonly kind: 'policy'; readonly key: string; readonly value: string }

export type Member = Operator & { readonly removedAt: number | null }
export type Roster = {
  /** What the store's id was derived from. */
  readonly founding: { readonly founderKey: Uint8Array; readonly salt: Uint8Array }
  /** In the order in which they came, those who left too: what they signed is still to be checked. */
  readonly members: readonly Member[]
  /** The first is of generation 1. */
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

/** The roster with one statement more, the first for null; null if the statement does not hold. */
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

/** What a statement makes of the roster; null where it contradicts it, or leaves the desk without an admin. */
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
  // Who left comes back as somebody new; and what was signed with a key is that key's for good.
  if (before.removedAt !== null || before.signKey !== operator.signKey) return null
  return roster.members.map((member) => (member === before ? { ...operator, removedAt: null } : member))
}

function removeMember(roster: Roster, { operatorId, at }: Extract<RosterChange, { kind: 'removal' }>): Member[] | null {
  const before = findMember(roster, operatorId)
  if (before === undefined || before.removedAt !== null) return null
  return roster.members.map((member) => (member === before ? { ...member, removedAt: at } : member))
}

const KINDS: readonly unknown[] = ['founder', 'operator', 'removal', 'keys', 'policy'] satisfies RosterChange['kind'][]

/** Signed by an admin, or it does not count; so only its kind is looked at here. */
function parseChange(body: string): RosterChange | null {
  try {
    const change: unknown = JSON.parse(body)
    return KINDS.includes((change as RosterChange | null)?.kind) ? (change as RosterChange) : null
  } catch {
    return null
  }
}
