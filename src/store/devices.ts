/**
 * All devices, read in short snapshots of a hundred: one that lasts would keep every writer out, and a caller is waiting. A device that
 * changes meanwhile is seen before or after; none is left out, and none is seen twice.
 */
import type { Device } from '../desk/records/index.ts'
import { openRows, type RowBatch } from './bulk/open-rows.ts'
import type { Desk } from './desk.ts'
import { missingRows } from './sealer.ts'

/** Small, so that what was read is forgotten again while it is young: of 2,048 a listing takes twice the memory. */
const BATCH = 128

/** In the order in which they were added. Throws `damaged` when some are missing. */
export function readDevices(desk: Pick<Desk, 'inspect'>): AsyncGenerator<readonly Device[]> {
  return openRows<Device>('device', readBatches(desk))
}

async function* readBatches(desk: Pick<Desk, 'inspect'>): AsyncGenerator<RowBatch> {
  let seen = 0
  for (let after = 0; ; ) {
    const { batch, all, sealer } = await desk.inspect(async ({ snapshot, sealer }) => {
      const batch = await snapshot.listRows('device', after, BATCH)
      // Of the same snapshot as the last batch: what was added since the first is in it.
      return { batch, all: batch.rows.length < BATCH ? await snapshot.countRows('device') : null, sealer }
    })
    seen += batch.rows.length
    yield { rows: batch.rows, sealer }
    if (all !== null && all !== seen) throw missingRows('device')
    if (all !== null) return
    after = batch.last
  }
}
