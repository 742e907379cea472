/**
 * Writes records by the ten thousand in one commit, for an import. A worker thread seals one batch while this thread
 * writes the batch before. The rows and their order are the same as with `writeRecord`.
 */
import { setImmediate as letItSpeak } from 'node:timers/promises'
import { INDEX_BYTES } from '../../crypto/section.ts'
import type { CommitWriter } from '../commit-writer.ts'
import type { StoredIndex } from '../engine.ts'
import { idOfChange, type RecordChange, writeRecord } from '../record-change.ts'
import { writeRecordText } from '../record-text.ts'
import { indexedValues } from '../records.ts'
import type { Sealer } from '../sealer.ts'
import { startThread } from './open-rows.ts'
import { makeSharedBuffers, pack, type SharedBuffers, unpack } from './packed-bytes.ts'
import { NOTHING, type SealedBatch, type SealJob, sealBatch } from './sealed-batch.ts'
import type { SecondThread } from './second-thread.ts'

/** 128 records a batch: small enough to be collected in V8's young generation. */
const BATCH = 128
/** How many batches are sealed ahead of the one that is being written. */
const AHEAD = 4
/** How many of these the worker thread may have: enough to keep it busy while this thread writes. */
const WITH_THREAD = 3

type Batch = {
  readonly changes: readonly RecordChange[]
  /** The sealed records, for changes that seem to be new; null for changes that replace a record. */
  readonly sealing: Sealing | null
  readonly buffers: SharedBuffers
}
type Sealing = { readonly ids: readonly Uint8Array[]; readonly sealed: Promise<SealedBatch> }

export async function writeRecords(writer: CommitWriter, changes: readonly RecordChange[]): Promise<void> {
  const thread = await startThread(writer.sealer)
  const ahead: Batch[] = []
  const free: SharedBuffers[] = []
  const writeNext = async () => {
    const batch = ahead.shift() as Batch
    await writeBatch(writer, batch)
    free.push(batch.buffers)
  }
  try {
    for (const batch of batchesOf(changes)) {
      await letItSpeak()
      const buffers = free.pop() ?? makeSharedBuffers()
      const sealing = isNew(batch[0]) ? startSealing(thread, writer, batch, buffers) : null
      ahead.push({ changes: batch, sealing, buffers })
      if (ahead.length > AHEAD) await writeNext()
    }
    while (ahead.length > 0) await writeNext()
  } finally {
    thread.end()
  }
}

/** Splits the changes into batches. All changes of a batch are of one collection, and either all new or all not new. */
function* batchesOf(changes: readonly RecordChange[]): Generator<readonly RecordChange[]> {
  let batch: RecordChange[] = []
  for (const change of changes) {
    const fits = batch[0]?.put === change.put && isNew(batch[0]) === isNew(change) && batch.length < BATCH
    if (!fits && batch.length > 0) {
      yield batch
      batch = []
    }
    batch.push(change)
  }
  if (batch.length > 0) yield batch
}

/** Whether the change itself says that its record is new. Only the write shows whether a row with its id exists. */
const isNew = (change: RecordChange | undefined): boolean =>
  change?.put === 'user' || (change?.put === 'device' && change.secret !== undefined)

function startSealing(
  thread: SecondThread,
  { sealer }: CommitWriter,
  changes: readonly RecordChange[],
  buffers: SharedBuffers,
): Sealing {
  const ids = changes.map(idOfChange)
  const sealed = sealByEither(thread, sealer, describeJob(changes, ids, buffers))
  // Awaited when the batch is written; silenced in case an earlier batch fails.
  sealed.catch(() => undefined)
  return { ids, sealed }
}

/** Seals in the worker thread, or in this thread if the worker has enough to do or has failed. */
async function sealByEither(thread: SecondThread, sealer: Sealer, job: SealJob): Promise<SealedBatch> {
  const sealed = thread.load < WITH_THREAD ? await thread.seal(job) : null
  return sealed ?? sealBatch(sealer, job)
}

function describeJob(changes: readonly RecordChange[], ids: readonly Uint8Array[], buffers: SharedBuffers): SealJob {
  const [{ put: collection }] = changes as readonly [RecordChange]
  const secretOf = (change: RecordChange) => (change.put === 'device' ? change.secret : null) ?? NOTHING
  const records = changes.flatMap((change, i) => [
    ids[i] as Uint8Array,
    writeRecordText(collection, change.record),
    secretOf(change),
  ])
  const indexes = changes.flatMap(({ record }) => indexedValues(collection, record))
  return { op: 'seal', collection, records: pack(records, buffers.given), indexes, buffers }
}

async function writeBatch(writer: CommitWriter, { changes, sealing }: Batch): Promise<void> {
  const added = sealing === null ? [] : await addRecords(writer, changes, sealing)
  for (const [i, change] of changes.entries()) if (added[i] !== true) await writeRecord(writer, change)
}

/**
 * Adds the records and their indexes. Resolves to a list that says for each change whether its row was added: the
 * others have a row already.
 */
async function addRecords(
  writer: CommitWriter,
  changes: readonly RecordChange[],
  { ids, sealed }: Sealing,
): Promise<readonly boolean[]> {
  const [{ put: collection }] = changes as readonly [RecordChange]
  const batch = await sealed
  const { generation } = writer.sealer
  const boxes = unpack(batch.sealed)
  const rows = ids.map((id, i) => {
    const [listed, secret] = [boxes[2 * i] as Uint8Array, boxes[2 * i + 1] as Uint8Array]
    return { id, generation, listed, secret: secret.length === 0 ? null : secret }
  })
  const added = await writer.add(collection, rows, batch.digest)
  const indexes: Omit<StoredIndex, 'collection'>[] = []
  for (const [i, { record }] of changes.entries())
    for (const [name] of indexedValues(collection, record)) {
      const at = indexes.length * INDEX_BYTES
      indexes.push({ id: ids[i] as Uint8Array, name, value: batch.values.subarray(at, at + INDEX_BYTES) })
    }
  await writer.commit.putIndexes(collection, indexes)
  return added
}
