/**
 * Opens batches of rows, in their order. After the first 4,096 rows a worker thread opens them, which is half of the
 * cost of a row. The reader waits only once, for the thread to start.
 */
import { setImmediate as letItSpeak } from 'node:timers/promises'
import type { ListedRow } from '../engine.ts'
import type { Sealer } from '../sealer.ts'
import type { SecondThread } from './second-thread.ts'

export type RowBatch = { readonly rows: readonly ListedRow[]; readonly sealer: Sealer }

/** Opening 4,096 rows takes as long as starting a worker thread. */
const FEW = 4_096
/** Batches that the worker thread has while this thread reads, writes and prints others. */
const AHEAD = 2

/** Yields the records of each batch, in order. Throws `damaged` for a row that does not open. */
export async function* openRows<T>(collection: string, batches: AsyncIterable<RowBatch>): AsyncGenerator<readonly T[]> {
  const ahead: Promise<readonly T[]>[] = []
  let thread: SecondThread | null = null
  let seen = 0
  try {
    for await (const batch of batches) {
      seen += batch.rows.length
      if (thread === null && seen > FEW) thread = await startThread(batch.sealer)
      if (thread?.isReady === false) await letItSpeak()
      const opening = openBatch<T>(collection, batch, thread)
      // Awaited below; silenced in case the consumer stops early.
      opening.catch(() => undefined)
      ahead.push(opening)
      if (ahead.length > AHEAD) yield (await ahead.shift()) as readonly T[]
    }
    for (const opening of ahead) yield await opening
  } finally {
    thread?.end()
  }
}

export async function startThread({ keys }: Sealer): Promise<SecondThread> {
  const { SecondThread } = await import('./second-thread.ts')
  return new SecondThread(keys)
}

async function openBatch<T>(
  collection: string,
  { rows, sealer }: RowBatch,
  thread: SecondThread | null,
): Promise<readonly T[]> {
  const [first] = rows
  const isOfOne = rows.every(({ generation }) => generation === first?.generation)
  // A row that the worker thread could not open is opened again here, so that its reader gets the error.
  const read = (texts: readonly Uint8Array[]) =>
    rows.map((row, i) => {
      const text = texts[i]
      return sealer.readText<T>(collection, row.id, text?.length ? text : sealer.openText(collection, row))
    })
  const canAsk = thread !== null && first !== undefined && isOfOne
  return canAsk ? thread.open(collection, first.generation, rows, read) : read([])
}
