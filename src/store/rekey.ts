/**
 * Seals every row anew: who had the old keys reads none of it any more, and finds nothing by the old indexes. One row after the other,
 * behind the reader's back, so that memory does not grow with the store.
 */
import { DIGEST_BYTES, updateDigest } from '../crypto/section.ts'
import { COLLECTIONS } from './collections.ts'
import type { Commit, SealedRow } from './engine.ts'
import { indexedValues } from './records.ts'
import type { Sealer } from './sealer.ts'

/** Digests are added up in batches: each addition turns 2,048 bits into a number and back. */
const BATCH = 256

/** Returns the digest of the store under the new keys. Keyrings are sealed to their operators, and stay as they are. */
export async function resealRows(commit: Commit, before: Sealer, after: Sealer): Promise<Uint8Array> {
  let digest: Uint8Array = new Uint8Array(DIGEST_BYTES)
  let batch: Uint8Array[] = []
  for (const [collection, { listed }] of Object.entries(COLLECTIONS)) {
    for await (const row of commit.scanRows(collection)) {
      const next = listed === 'operator' ? row : await resealRow(commit, collection, row, before, after)
      batch.push(after.digest(collection, next))
      if (batch.length < BATCH) continue
      digest = updateDigest(digest, [], batch)
      batch = []
    }
  }
  return updateDigest(digest, [], batch)
}

async function resealRow(
  commit: Commit,
  collection: string,
  row: SealedRow,
  before: Sealer,
  after: Sealer,
): Promise<SealedRow> {
  const record = before.openListed<object>(collection, row)
  const { id, secret } = row
  const next: SealedRow = {
    id,
    generation: after.generation,
    listed: after.sealListed(collection, id, record),
    secret: secret === null ? null : after.sealSecret(collection, id, before.openSecret(collection, row)),
  }
  for (const [name, value] of indexedValues(collection, record)) {
    await commit.deleteIndex(collection, id, before.index(name, value))
    await commit.putIndex(collection, id, after.index(name, value))
  }
  await commit.putRow(collection, next)
  return next
}
