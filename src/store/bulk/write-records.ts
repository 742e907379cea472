/**
 * Records by the ten thousand in one commit, as an import brings them: a second thread seals one batch while this one writes the batch before.
 * What is written, and in which order, is what `writeRecord` would have written.
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

/** What waits its turn to be written should be forgotten while it is young. */
const BATCH = 128
/** Lots that are sealed before their turn; and how many of them the thread may have, so that it is not idle while this one writes. */
const AHEAD = 4
const WITH_THREAD = 3

type Batch = {
  readonly changes: readonly RecordChange[]
  /** What becomes of them should they be new indeed; null where they are not, as they say themselves. */
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

/** Runs of one collection that are new, or are not. */
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

/** As far as a change says so itself: whether there is a row with its id is found out when it is written. */
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
  // It is waited for when its turn comes, unless a batch before it fails.
  sealed.catch(() => undefined)
  return { ids, sealed }
}

/** What is more than the thread will have done in time is done here. */
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

/** Which of them were added: the others have a row already. */
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
