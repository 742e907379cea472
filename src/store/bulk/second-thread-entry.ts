/**
 * The second thread: opens and seals lots, one after the other, with the keys that it was started with. Where a row does not open, or a lot cannot
 * be sealed, it says so and no more: the first thread does it again, and finds the error that it is.
 */
import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createSealer, type Sealer, type SealerKeys } from '../sealer.ts'
import { type Packed, pack, unpack } from './packed-bytes.ts'
import { NOTHING, type SealedLot, sealLot } from './sealed-batch.ts'
import type { Job, Numbered, OpenJob } from './second-thread.ts'

function openLot(sealer: Sealer, { collection, generation, rows, room }: OpenJob): Packed {
  const parts = unpack(rows)
  const texts = Array.from({ length: parts.length / 2 }, (_, i) => {
    try {
      const [id, listed] = [parts[2 * i] as Uint8Array, parts[2 * i + 1] as Uint8Array]
      return sealer.openText(collection, { id, generation, listed })
    } catch {
      return NOTHING
    }
  })
  return pack(texts, room.made)
}

function perform(sealer: Sealer, job: Job): Packed | SealedLot | null {
  try {
    return job.op === 'open' ? openLot(sealer, job) : sealLot(sealer, job)
  } catch {
    return null
  }
}

const { keyring, storeId } = workerData as SealerKeys
const sealer = createSealer(keyring, storeId, (count) => new Uint8Array(randomBytes(count)))
parentPort?.on('message', ({ number, of: job }: Numbered<Job>) => {
  parentPort?.postMessage({ number, of: perform(sealer, job) } satisfies Numbered<unknown>)
})
parentPort?.postMessage({ number: 0, of: null } satisfies Numbered<null>)
