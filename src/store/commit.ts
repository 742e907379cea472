/**
 * What one commit writes: what was decided, the store's digest kept in step, and the audit entry that is chained to the one before
 * it. An entry is never chained to one that does not hold.
 */
import { type ChainedEntry, chainEntry, checkEntry, genesisHash } from '../crypto/audit-chain.ts'
import { decodeHex, encodeHex } from '../crypto/bytes.ts'
import { DIGEST_BYTES } from '../crypto/section.ts'
import type { Change, Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records.ts'
import { findMember } from '../desk/roster.ts'
import type { Commit, Snapshot } from './engine.ts'
import type { Keyring, OperatorKeys } from './keyring.ts'
import { writeRecord } from './record-change.ts'
import type { OpenedRoster } from './roster.ts'
import { addKeys, addOperator, removeOperator, statePolicy } from './roster-change.ts'
import { damagedRecord, entryId, type Sealer } from './sealer.ts'
import { Writing } from './writing.ts'

/** Who commits, and with what. */
export type Author = {
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
export async function readTail(commit: Snapshot, { roster }: Pick<Author, 'roster'>): Promise<Tail> {
  const last = await commit.lastEntry()
  if (last === null) throw damagedRecord('entry', entryId(1))
  let previous: Pick<ChainedEntry, 'seq' | 'hash'> = createTail(commit.storeId)
  for await (const entry of commit.scanEntries(Math.max(last.seq - 2, 0))) if (entry.seq < last.seq) previous = entry
  const signer = findMember(roster.roster, encodeHex(last.operatorId))
  const broken =
    signer === undefined
      ? 'signature'
      : checkEntry(decodeHex(signer.signKey) as Uint8Array, commit.storeId, previous, last)
  if (broken !== null) throw damagedRecord('entry', entryId(last.seq))
  return last
}

/** Writes what was decided and its entry; returns the entry. */
export async function writeDecision(
  commit: Commit,
  author: Author,
  tail: Tail,
  decision: Decision<unknown>,
  now: number,
  random: (count: number) => Uint8Array,
): Promise<ChainedEntry> {
  const writing = new Writing(commit, author, tail.digest, random)
  for (const change of decision.changes) await writeChange(writing, change)
  return writeEntry(writing, author, tail, decision, now)
}

/** Each kind of change is written in one place. */
export function writeChange(writing: Writing, change: Change): Promise<void> {
  if (change.put === 'operator') return addOperator(writing, change.record)
  if (change.put === 'removal') return removeOperator(writing, change)
  if (change.put === 'keys') return addKeys(writing, change.keys)
  if (change.put === 'policy') return statePolicy(writing, change)
  return writeRecord(writing, change)
}

/** The entry is sealed under the newest keys: who was just removed does not read that they were. */
export async function writeEntry(
  writing: Writing,
  { keys, me }: Pick<Author, 'keys' | 'me'>,
  tail: Tail,
  { entry }: Decision<unknown>,
  now: number,
): Promise<ChainedEntry> {
  const { commit, sealer } = writing
  const seq = tail.seq + 1
  const body = sealer.sealListed('entry', entryId(seq), { ...entry, at: now, operator: me.name })
  const content = { seq, operatorId: keys.operatorId, generation: sealer.generation, digest: writing.sumUp(), body }
  const chained = chainEntry(keys.signingSeed, commit.storeId, tail.hash, content)
  await commit.appendEntry(chained)
  return chained
}
