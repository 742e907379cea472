/**
 * Writes one commit: the decided changes, the updated digest of the store, and an audit entry for each decision.
 * - Each entry is chained to the one before it.
 * - `readTail` verifies the newest entry first, so that no entry is ever chained to an invalid one.
 */
import { type ChainedEntry, chainEntry, checkEntry, coverEntry, genesisHash } from '../crypto/audit-chain.ts'
import { decodeHex, encodeHex } from '../crypto/bytes.ts'
import { DIGEST_BYTES } from '../crypto/section.ts'
import type { Change, Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records/index.ts'
import { findMember } from '../desk/records/roster.ts'
import { CommitWriter } from './commit-writer.ts'
import type { Commit, Snapshot } from './engine.ts'
import type { Keyring, OperatorKeys } from './keyring.ts'
import { isOfRecord, writeRecord } from './record-change.ts'
import type { OpenedRoster } from './roster.ts'
import { addKeys, addOperator, removeOperator, statePolicy } from './roster-change.ts'
import { damagedRecord, entryId, type Sealer } from './sealer.ts'

/** The operator who makes a commit, with their keys, their operator record and the verified roster. */
export type Signer = {
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly sealer: Sealer
  readonly me: Operator
  readonly roster: OpenedRoster
}
/** The newest entry of the chain: the next entry follows it. */
export type Tail = Pick<ChainedEntry, 'seq' | 'hash' | 'digest'>

/** The tail of a store that is being created: seq 0, the genesis hash, and a digest of zeros. */
export function createTail(storeId: Uint8Array): Tail {
  return { seq: 0, hash: genesisHash(storeId), digest: new Uint8Array(DIGEST_BYTES) }
}

/**
 * Resolves to the newest entry. Throws `damaged` if there is none, or if it does not follow the entry before it. Also
 * throws `damaged` if it lacks a valid signature by an operator in the roster.
 */
export async function readTail(commit: Snapshot, { roster }: Pick<Signer, 'roster'>): Promise<Tail> {
  const last = await commit.lastEntry()
  if (last === null) throw damagedRecord('entry', entryId(1))
  let previous: Pick<ChainedEntry, 'seq' | 'hash'> = createTail(commit.storeId)
  for await (const entry of commit.scanEntries(Math.max(last.seq - 2, 0))) if (entry.seq < last.seq) previous = entry
  const signer = findMember(roster.roster, encodeHex(last.operatorId))
  const broken =
    signer === undefined ? 'signature' : checkEntry(decodeHex(signer.signKey), commit.storeId, previous, last)
  if (broken !== null) throw damagedRecord('entry', entryId(last.seq))
  return last
}

/** Makes a decision on the state of the store at the time of the call. */
export type Deciding<A> = () => Promise<Decision<A>>
export type Made<A> = { readonly decision: Decision<A>; readonly entry: ChainedEntry }

/**
 * Makes the decisions in order, each on the state that the earlier ones wrote. Writes the changes and one audit entry
 * for each decision. Only the last entry has a digest and a signature: the others are covered entries.
 */
export async function writeDecisions<A>(
  commit: Commit,
  signer: Signer,
  tail: Tail,
  decidings: readonly Deciding<A>[],
  now: number,
  random: (count: number) => Uint8Array,
): Promise<Made<A>[]> {
  const writer = new CommitWriter(commit, signer, tail.digest, random)
  const made: Made<A>[] = []
  for (const [i, decide] of decidings.entries()) {
    const decision = await decide()
    await writeChanges(writer, decision.changes)
    const before = made.at(-1)?.entry ?? tail
    const isCovered = i < decidings.length - 1
    made.push({ decision, entry: await writeEntry(writer, signer, before, decision, now, isCovered) })
  }
  return made
}

/**
 * From this number of changes on, a worker thread helps to seal. An import can have hundreds of thousands of changes.
 */
const MANY = 4_096

async function writeChanges(writer: CommitWriter, changes: readonly Change[]): Promise<void> {
  if (changes.length < MANY || !changes.every(isOfRecord)) {
    for (const change of changes) await writeChange(writer, change)
  } else {
    const { writeRecords } = await import('./bulk/write-records.ts')
    await writeRecords(writer, changes)
  }
}

/** Writes one change. This is the only place that assigns each kind of change to the function that writes it. */
export function writeChange(writer: CommitWriter, change: Change): Promise<void> {
  if (change.put === 'operator') return addOperator(writer, change.record)
  if (change.put === 'removal') return removeOperator(writer, change)
  if (change.put === 'keys') return addKeys(writer, change.keys)
  if (change.put === 'policy') return statePolicy(writer, change)
  return writeRecord(writer, change)
}

type Signing = Pick<Signer, 'keys' | 'me'>
type Before = Pick<ChainedEntry, 'seq' | 'hash'>

/**
 * Chains one audit entry to `before` and appends it. A covered entry has no digest and no signature: a later entry of
 * the same commit has them.
 */
export async function writeEntry(
  writer: CommitWriter,
  signer: Signing,
  before: Before,
  decision: Decision<unknown>,
  now: number,
  isCovered = false,
): Promise<ChainedEntry> {
  const { commit } = writer
  const content = sealContent(writer, signer, before, decision, now)
  const chained = isCovered
    ? coverEntry(commit.storeId, before.hash, content)
    : chainEntry(signer.keys.signingSeed, commit.storeId, before.hash, { ...content, digest: writer.sumUp() })
  await commit.appendEntry(chained)
  return chained
}

/** Sealed under the newest keys: an operator who was just removed cannot read the entry about their removal. */
function sealContent(
  { sealer }: CommitWriter,
  { keys, me }: Signing,
  before: Before,
  { entry }: Decision<unknown>,
  now: number,
) {
  const seq = before.seq + 1
  const body = sealer.sealListed('entry', entryId(seq), { ...entry, at: now, operator: me.name })
  return { seq, operatorId: keys.operatorId, generation: sealer.generation, body }
}
