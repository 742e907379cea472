/**
 * The record, read in short snapshots of a few hundred entries: a snapshot that lasts would keep every writer out, and a caller
 * is waiting. Entries are never changed, so what is read in parts is what one long look would have seen.
 */
import type { ChainedEntry } from '../crypto/audit-chain.ts'
import type { AuditEntry } from '../desk/records/index.ts'
import type { Desk } from './desk.ts'
import { openEntry } from './records.ts'

/** An entry with what stands in the clear beside it. */
export type ReadEntry = AuditEntry & { readonly chained: ChainedEntry }
type Inspected = Pick<Desk, 'inspect'>

/** Some milliseconds of reading. */
const BATCH = 500

/** Entries with a sequence above `after` and up to `until`, in order, as they are read. */
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

/** The last `limit` entries up to `until` that match, in order. It looks from the end, no further back than it must. */
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

/** The sequence of the newest entry. */
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
