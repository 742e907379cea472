/**
 * Records by the ten thousand in one commit, as an import brings them: a second thread seals one lot while this one writes the lot before.
 * What is written, and in which order, is what `writeRecord` would have written.
 */
import { setImmediate as letItSpeak } from 'node:timers/promises'
import { INDEX_BYTES } from '../../crypto/section.ts'
import type { Writing } from '../commit-writer.ts'
import type { StoredIndex } from '../engine.ts'
import { idOfChange, type RecordChange, writeRecord } from '../record-change.ts'
import { writeRecordText } from '../record-text.ts'
import { indexedValues } from '../records.ts'
import type { Sealer } from '../sealer.ts'
import { startThread } from './open-rows.ts'
import { makeRoom, pack, type Room, unpack } from './packed-bytes.ts'
import { NOTHING, type SealedLot, type SealJob, sealLot } from './sealed-batch.ts'
import type { SecondThread } from './second-thread.ts'

/** What waits its turn to be written should be forgotten while it is young. */
const LOT = 128
/** Lots that are sealed before their turn; and how many of them the thread may have, so that it is not idle while this one writes. */
const AHEAD = 4
const WITH_THREAD = 3

type Lot = {
  readonly changes: readonly RecordChange[]
  /** What becomes of them should they be new indeed; null where they are not, as they say themselves. */
  readonly sealing: Sealing | null
  readonly room: Room
}
type Sealing = { readonly ids: readonly Uint8Array[]; readonly sealed: Promise<SealedLot> }

export async function writeRecords(writing: Writing, changes: readonly RecordChange[]): Promise<void> {
  const thread = await startThread(writing.sealer)
  const ahead: Lot[] = []
  const rooms: Room[] = []
  const writeNext = async () => {
    const lot = ahead.shift() as Lot
    await writeLot(writing, lot)
    rooms.push(lot.room)
  }
  try {
    for (const lot of lotsOf(changes)) {
      await letItSpeak()
      const room = rooms.pop() ?? makeRoom()
      const sealing = isNew(lot[0]) ? startSealing(thread, writing, lot, room) : null
      ahead.push({ changes: lot, sealing, room })
      if (ahead.length > AHEAD) await writeNext()
    }
    while (ahead.length > 0) await writeNext()
  } finally {
    thread.end()
  }
}

/** Runs of one collection that are new, or are not. */
function* lotsOf(changes: readonly RecordChange[]): Generator<readonly RecordChange[]> {
  let lot: RecordChange[] = []
  for (const change of changes) {
    const fits = lot[0]?.put === change.put && isNew(lot[0]) === isNew(change) && lot.length < LOT
    if (!fits && lot.length > 0) {
      yield lot
      lot = []
    }
    lot.push(change)
  }
  if (lot.length > 0) yield lot
}

/** As far as a change says so itself: whether there is a row with its id is found out when it is written. */
const isNew = (change: RecordChange | undefined): boolean =>
  change?.put === 'user' || (change?.put === 'device' && change.secret !== undefined)

function startSealing(
  thread: SecondThread,
  { sealer }: Writing,
  changes: readonly RecordChange[],
  room: Room,
): Sealing {
  const ids = changes.map(idOfChange)
  const sealed = sealByEither(thread, sealer, describeJob(changes, ids, room))
  // It is waited for when its turn comes, unless a lot before it fails.
  sealed.catch(() => undefined)
  return { ids, sealed }
}

/** What is more than the thread will have done in time is done here. */
async function sealByEither(thread: SecondThread, sealer: Sealer, job: SealJob): Promise<SealedLot> {
  const sealed = thread.load < WITH_THREAD ? await thread.seal(job) : null
  return sealed ?? sealLot(sealer, job)
}

function describeJob(changes: readonly RecordChange[], ids: readonly Uint8Array[], room: Room): SealJob {
  const [{ put: collection }] = changes as readonly [RecordChange]
  const secretOf = (change: RecordChange) => (change.put === 'device' ? change.secret : null) ?? NOTHING
  const records = changes.flatMap((change, i) => [
    ids[i] as Uint8Array,
    writeRecordText(collection, change.record),
    secretOf(change),
  ])
  const indexes = changes.flatMap(({ record }) => indexedValues(collection, record))
  return { op: 'seal', collection, records: pack(records, room.given), indexes, room }
}

async function writeLot(writing: Writing, { changes, sealing }: Lot): Promise<void> {
  const added = sealing === null ? [] : await addRecords(writing, changes, sealing)
  for (const [i, change] of changes.entries()) if (added[i] !== true) await writeRecord(writing, change)
}

/** Which of them were added: the others have a row already. */
async function addRecords(
  writing: Writing,
  changes: readonly RecordChange[],
  { ids, sealed }: Sealing,
): Promise<readonly boolean[]> {
  const [{ put: collection }] = changes as readonly [RecordChange]
  const lot = await sealed
  const { generation } = writing.sealer
  const boxes = unpack(lot.sealed)
  const rows = ids.map((id, i) => {
    const [listed, secret] = [boxes[2 * i] as Uint8Array, boxes[2 * i + 1] as Uint8Array]
    return { id, generation, listed, secret: secret.length === 0 ? null : secret }
  })
  const added = await writing.add(collection, rows, lot.digest)
  const indexes: Omit<StoredIndex, 'collection'>[] = []
  for (const [i, { record }] of changes.entries())
    for (const [name] of indexedValues(collection, record)) {
      const at = indexes.length * INDEX_BYTES
      indexes.push({ id: ids[i] as Uint8Array, name, value: lot.values.subarray(at, at + INDEX_BYTES) })
    }
  await writing.commit.putIndexes(collection, indexes)
  return added
}
