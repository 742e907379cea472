/**
 * Rows by the batch, opened in their order. Whoever reads ten thousand of them waits for a second thread to start once, and no longer for half of
 * what a row costs.
 */
import { setImmediate as letItSpeak } from 'node:timers/promises'
import type { ListedRow } from '../engine.ts'
import type { Sealer } from '../sealer.ts'
import type { SecondThread } from './second-thread.ts'

export type RowBatch = { readonly rows: readonly ListedRow[]; readonly sealer: Sealer }

/** Opened in the time that a thread takes to start. */
const FEW = 4_096
/** Lots that are with the thread while this one reads, writes and shows others. */
const AHEAD = 2

/** Throws `damaged` for a row that does not open. */
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
      // It is waited for below, unless the reader has gone.
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
  // What the thread could not open is opened here, and the error is whoever asked for the row's.
  const read = (texts: readonly Uint8Array[]) =>
    rows.map((row, i) => {
      const text = texts[i]
      return sealer.readText<T>(collection, row.id, text?.length ? text : sealer.openText(collection, row))
    })
  const canAsk = thread !== null && first !== undefined && isOfOne
  return canAsk ? thread.open(collection, first.generation, rows, read) : read([])
}
