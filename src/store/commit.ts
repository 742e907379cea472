/**
 * What one commit writes: what was decided, the store's digest kept in step, and the audit entry that is chained to the one before
 * it. An entry is never chained to one that does not hold.
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

/** Who commits, and with what. */
export type Signer = {
  readonly keys: OperatorKeys
  readonly keyring: Keyring
  readonly sealer: Sealer
  readonly me: Operator
  readonly roster: OpenedRoster
}
/** The end of the chain as it stands: what the next entry follows. */
export type Tail = Pick<ChainedEntry, 'seq' | 'hash' | 'digest'>

/** The tail of a store that is being created. */
export function createTail(storeId: Uint8Array): Tail {
  return { seq: 0, hash: genesisHash(storeId), digest: new Uint8Array(DIGEST_BYTES) }
}

/** Throws `damaged` unless there is a newest entry, it follows the one before it, and its operator signed it. */
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

/** A decision that is made on the state as it stands when its turn comes. */
export type Deciding<A> = () => Promise<Decision<A>>
export type Made<A> = { readonly decision: Decision<A>; readonly entry: ChainedEntry }

/**
 * Makes one decision after the other, each on what those before it wrote, and writes what was decided with an entry for each. The last entry
 * has the digest and the signature for all of them.
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

/** An import has them by the hundred thousand. */
const MANY = 4_096

async function writeChanges(writer: CommitWriter, changes: readonly Change[]): Promise<void> {
  if (changes.length < MANY || !changes.every(isOfRecord)) {
    for (const change of changes) await writeChange(writer, change)
  } else {
    const { writeRecords } = await import('./bulk/write-records.ts')
    await writeRecords(writer, changes)
  }
}

/** Each kind of change is written in one place. */
export function writeChange(writer: CommitWriter, change: Change): Promise<void> {
  if (change.put === 'operator') return addOperator(writer, change.record)
  if (change.put === 'removal') return removeOperator(writer, change)
  if (change.put === 'keys') return addKeys(writer, change.keys)
  if (change.put === 'policy') return statePolicy(writer, change)
  return writeRecord(writer, change)
}

type Signing = Pick<Signer, 'keys' | 'me'>
type Before = Pick<ChainedEntry, 'seq' | 'hash'>

/** Of a covered one the digest and the signature are those of a later entry of the same commit. */
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

/** Sealed under the newest keys: who was just removed does not read that they were. */
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
