/**
 * Reads all devices in short snapshots of 128 rows. A long snapshot would block every writer while a caller waits. A
 * device that changes meanwhile is read in its old or its new version. No device is skipped, and none is read twice.
 */
import type { Device } from '../desk/records/index.ts'
import { openRows, type RowBatch } from './bulk/open-rows.ts'
import type { Desk } from './desk.ts'
import { missingRows } from './sealer.ts'

/**
 * 128 rows a batch: small enough to be collected in V8's young generation. With 2,048 a listing takes twice the memory.
 */
const BATCH = 128

/** Yields batches in the order in which the devices were added. Throws `damaged` if rows are missing. */
export function readDevices(desk: Pick<Desk, 'inspect'>): AsyncGenerator<readonly Device[]> {
  return openRows<Device>('device', readBatches(desk))
}

async function* readBatches(desk: Pick<Desk, 'inspect'>): AsyncGenerator<RowBatch> {
  let seen = 0
  for (let after = 0; ; ) {
    const { batch, all, sealer } = await desk.inspect(async ({ snapshot, sealer }) => {
      const batch = await snapshot.listRows('device', after, BATCH)
      // Counted in the snapshot of the last batch: both then include the rows that were added since the first batch.
      return { batch, all: batch.rows.length < BATCH ? await snapshot.countRows('device') : null, sealer }
    })
    seen += batch.rows.length
    yield { rows: batch.rows, sealer }
    if (all !== null && all !== seen) throw missingRows('device')
    if (all !== null) return
    after = batch.last
  }
}
