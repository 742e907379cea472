/**
 * What one commit writes: the changed rows and their indexes, the store's digest kept in step, and the audit entry that is chained to
 * the one before it. An entry is never chained to one that does not hold.
 */
import { type ChainedEntry, chainEntry, checkEntry, genesisHash } from '../crypto/audit-chain.ts'
import { decodeHex, encodeHex, equalBytes } from '../crypto/bytes.ts'
import { DIGEST_BYTES, updateDigest } from '../crypto/section.ts'
import type { Change, Decision } from '../desk/decision.ts'
import type { Operator } from '../desk/records.ts'
import type { Commit, SealedRow, Snapshot } from './engine.ts'
import type { OperatorKeys } from './keyring.ts'
import { indexedValues, ORGANISATION_ID, openRecords } from './records.ts'
import { damagedRecord, entryId, type Sealer } from './sealer.ts'

/** Who commits, and with what. */
export type Author = { readonly keys: OperatorKeys; readonly sealer: Sealer; readonly me: Operator }
export type Write = { readonly collection: string; readonly row: SealedRow }
/** The end of the chain as it stands: what the next entry follows. */
type Tail = Pick<ChainedEntry, 'seq' | 'hash' | 'digest'>

/** The tail of a store that is being created. */
export function createTail(storeId: Uint8Array): Tail {
  return { seq: 0, hash: genesisHash(storeId), digest: new Uint8Array(DIGEST_BYTES) }
}

/** Throws `damaged` unless there is a newest entry, it follows the one before it, and its operator signed it. */
export async function readTail(commit: Snapshot, { keys, sealer, me }: Author): Promise<Tail> {
  const last = await commit.lastEntry()
  if (last === null) throw damagedRecord('entry', entryId(1))
  let previous: Pick<ChainedEntry, 'seq' | 'hash'> = createTail(commit.storeId)
  for await (const entry of commit.scanEntries(Math.max(last.seq - 2, 0))) if (entry.seq < last.seq) previous = entry
  const mine = equalBytes(last.operatorId, keys.operatorId)
  const signer = mine ? me : await openRecords(commit, sealer).operator(encodeHex(last.operatorId))
  const broken =
    signer === null ? 'signature' : checkEntry(decodeHex(signer.signKey) as Uint8Array, commit.storeId, previous, last)
  if (broken !== null) throw damagedRecord('entry', entryId(last.seq))
  return last
}

/** Writes rows, indexes and entry; returns the entry. `writes` are rows that are no records. */
export async function writeDecision(
  commit: Commit,
  author: Author,
  tail: Tail,
  decision: Decision<unknown>,
  now: number,
  writes: readonly Write[] = [],
): Promise<ChainedEntry> {
  const { keys, sealer, me } = author
  let { digest } = tail
  const put = async ({ collection, row }: Write, before: SealedRow | null) => {
    const removed = before === null ? [] : [sealer.digest(collection, before)]
    digest = updateDigest(digest, removed, [sealer.digest(collection, row)])
    await commit.putRow(collection, row)
  }
  for (const write of writes) await put(write, await commit.getRow(write.collection, write.row.id))
  for (const change of decision.changes) {
    const before = await commit.getRow(change.put, idOfChange(change))
    await moveIndexes(commit, sealer, change, before)
    await put(sealChange(sealer, change, before), before)
  }
  const seq = tail.seq + 1
  const body = sealer.sealListed('entry', entryId(seq), { ...decision.entry, at: now, operator: me.name })
  const content = { seq, operatorId: keys.operatorId, generation: sealer.generation, digest, body }
  const entry = chainEntry(keys.signingSeed, commit.storeId, tail.hash, content)
  await commit.appendEntry(entry)
  return entry
}

function idOfChange(change: Change): Uint8Array {
  if (change.put === 'organisation') return ORGANISATION_ID
  const { put, record } = change
  const id = put === 'device' ? record.deviceId : put === 'user' ? record.userId : record.operatorId
  return decodeHex(id) as Uint8Array
}

function sealChange(sealer: Sealer, change: Change, before: SealedRow | null): Write {
  const id = idOfChange(change)
  const listed = sealer.sealListed(change.put, id, change.record)
  const given = change.put === 'device' ? change.secret : undefined
  const secret = given === undefined ? keepSecret(sealer, change.put, before) : sealer.sealSecret(change.put, id, given)
  return { collection: change.put, row: { id, generation: sealer.generation, listed, secret } }
}

/** The secret that the row has; sealed anew where the keys have changed since, for a row is of one generation. */
function keepSecret(sealer: Sealer, collection: string, before: SealedRow | null): Uint8Array | null {
  if (before === null || before.secret === null || before.generation === sealer.generation)
    return before?.secret ?? null
  return sealer.sealSecret(collection, before.id, sealer.openSecret(collection, before))
}

/** Takes the record out of the indexes that no longer hold, and puts it into those that now do. */
async function moveIndexes(commit: Commit, sealer: Sealer, change: Change, before: SealedRow | null): Promise<void> {
  const id = idOfChange(change)
  const old = before === null ? [] : indexedValues(change.put, sealer.openListed<object>(change.put, before))
  const next = indexedValues(change.put, change.record)
  const has = (list: typeof old, [name, value]: (typeof old)[number]) =>
    list.some(([n, v]) => n === name && v === value)
  for (const [name, value] of old.filter((index) => !has(next, index)))
    await commit.deleteIndex(change.put, id, sealer.index(name, value))
  for (const [name, value] of next.filter((index) => !has(old, index)))
    await commit.putIndex(change.put, id, sealer.index(name, value))
}
