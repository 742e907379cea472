/**
 * Seals every row again under new keys, and replaces its blind indexes.
 * - The old keys then open no row, and the old indexes find nothing.
 * - Each row is replaced right after the scan has read it, so that memory does not grow with the store.
 */
import { DIGEST_BYTES, updateDigest } from '../crypto/section.ts'
import { COLLECTIONS } from './collections.ts'
import type { Commit, SealedRow } from './engine.ts'
import { indexedValues } from './records.ts'
import type { Sealer } from './sealer.ts'

/** Digest elements are added in batches: each call of `updateDigest` converts 2,048 bits into numbers and back. */
const BATCH = 256

/**
 * Resolves to the digest of the store under the new keys. Keyrings are sealed to their operators, and are not sealed
 * again here.
 */
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
