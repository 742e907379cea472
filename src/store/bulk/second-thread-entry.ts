/**
 * The worker thread's entry. It opens and seals batches, one after the other, with the keys that it was started with.
 * - For a row that does not open, it answers with an empty text.
 * - For a batch that it cannot seal, it answers with null.
 * - The first thread then repeats the work, and gets the error.
 */
import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { createSealer, type Sealer, type SealerKeys } from '../sealer.ts'
import { type PackedBytes, pack, unpack } from './packed-bytes.ts'
import { NOTHING, type SealedBatch, sealBatch } from './sealed-batch.ts'
import type { Job, Numbered, OpenJob } from './second-thread.ts'

function openBatch(sealer: Sealer, { collection, generation, rows, buffers }: OpenJob): PackedBytes {
  const parts = unpack(rows)
  const texts = Array.from({ length: parts.length / 2 }, (_, i) => {
    try {
      const [id, listed] = [parts[2 * i] as Uint8Array, parts[2 * i + 1] as Uint8Array]
      return sealer.openText(collection, { id, generation, listed })
    } catch {
      return NOTHING
    }
  })
  return pack(texts, buffers.made)
}

function perform(sealer: Sealer, job: Job): PackedBytes | SealedBatch | null {
  try {
    return job.op === 'open' ? openBatch(sealer, job) : sealBatch(sealer, job)
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
