/**
 * Reads the audit log in short snapshots of at most 500 entries. A long snapshot would block every writer while a
 * caller waits. Entries never change, so reading in parts gives the same result as one long snapshot.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'
import type { AuditEntry } from '../desk/records/index.ts'
import type { Desk } from './desk.ts'
import { openEntry } from './records.ts'

/** An audit entry, with the chained entry that it was opened from. */
export type ReadEntry = AuditEntry & { readonly chained: ChainedEntry }
type Inspected = Pick<Desk, 'inspect'>

/** Reading 500 entries takes some milliseconds. */
const BATCH = 500

/** Yields the entries with a seq above `after` and up to `until`, in order, batch by batch. */
export async function* readEntries(
  desk: Inspected,
  after: number,
  until: number,
): AsyncGenerator<readonly ReadEntry[]> {
  for (let last = after; last < until; ) {
    const batch = await readBatch(desk, last, until)
    const newest = batch.at(-1)
    if (newest === undefined) return
    yield batch
    last = newest.seq
  }
}

/**
 * Resolves to the last `limit` entries up to `until` that match, in order. It reads backwards from `until` and stops as
 * soon as it has enough.
 */
export async function readNewest(
  desk: Inspected,
  until: number,
  limit: number,
  matches: (entry: AuditEntry) => boolean,
): Promise<ReadEntry[]> {
  let found: ReadEntry[] = []
  for (let end = until; end > 0 && found.length < limit; end -= BATCH) {
    const batch = await readBatch(desk, Math.max(end - BATCH, 0), end)
    found = [...batch.filter(matches), ...found].slice(-limit)
  }
  return found
}

/** The seq of the newest entry, 0 if there is none. */
export function newestSeq(desk: Inspected): Promise<number> {
  return desk.inspect(async ({ snapshot }) => (await snapshot.lastEntry())?.seq ?? 0)
}

function readBatch(desk: Inspected, after: number, until: number): Promise<ReadEntry[]> {
  return desk.inspect(async ({ snapshot, sealer }) => {
    const batch: ReadEntry[] = []
    for await (const chained of snapshot.scanEntries(after)) {
      if (chained.seq > until) break
      batch.push({ ...openEntry(sealer, chained), chained })
      if (batch.length === BATCH) break
    }
    return batch
  })
}
