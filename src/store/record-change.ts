/** Writes a device, user, authenticator app (totp) or organisation in a commit: its row and its blind indexes. */
import { decodeHex } from '../crypto/bytes.ts'
import type { Change } from '../desk/decision.ts'
import type { CommitWriter } from './commit-writer.ts'
import type { SealedRow } from './engine.ts'
import { indexedValues, ORGANISATION_ID } from './records.ts'
import type { Sealer } from './sealer.ts'

export type RecordChange = Extract<Change, { readonly put: 'device' | 'user' | 'totp' | 'organisation' }>

export const isOfRecord = (change: Change): change is RecordChange =>
  ['device', 'user', 'totp', 'organisation'].includes(change.put)

export async function writeRecord(writer: CommitWriter, change: RecordChange): Promise<void> {
  const id = idOfChange(change)
  const before = await writer.commit.getRow(change.put, id)
  await moveIndexes(writer, id, change, before)
  await writer.replace(change.put, before, sealChange(writer.sealer, id, change, before))
}

export function idOfChange(change: RecordChange): Uint8Array {
  if (change.put === 'organisation') return ORGANISATION_ID
  if (change.put === 'totp') return decodeHex(change.record.ownerId)
  const id = change.put === 'device' ? change.record.deviceId : change.record.userId
  return decodeHex(id)
}

function sealChange(sealer: Sealer, id: Uint8Array, change: RecordChange, before: SealedRow | null): SealedRow {
  const listed = sealer.sealListed(change.put, id, change.record)
  const given = change.put === 'device' || change.put === 'totp' ? change.secret : undefined
  // Every row is sealed under the newest generation, so a secret that does not change need not be sealed again.
  const kept = given === undefined ? (before?.secret ?? null) : null
  const secret = given ? sealer.sealSecret(change.put, id, given) : kept
  return { id, generation: sealer.generation, listed, secret }
}

/** Deletes the indexes that the new record no longer has, and adds those that the old one did not have. */
async function moveIndexes(
  { commit, sealer }: CommitWriter,
  id: Uint8Array,
  change: RecordChange,
  before: SealedRow | null,
): Promise<void> {
  const old = before === null ? [] : indexedValues(change.put, sealer.openListed<object>(change.put, before))
  const next = indexedValues(change.put, change.record)
  const has = (list: typeof old, [name, value]: (typeof old)[number]) =>
    list.some(([n, v]) => n === name && v === value)
  for (const [name, value] of old.filter((index) => !has(next, index)))
    await commit.deleteIndex(change.put, id, sealer.index(name, value))
  for (const [name, value] of next.filter((index) => !has(old, index)))
    await commit.putIndex(change.put, id, sealer.index(name, value))
}
