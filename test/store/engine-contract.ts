/**
 * The contract of every engine: the same tests run on each engine.
 * `connect` opens one more connection to the same store, as another process would.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChainedEntry } from '../../src/crypto/audit-chain.ts'
import { equalBytes } from '../../src/crypto/bytes.ts'
import type { BlindIndex, Commit, Engine, SealedRow, Snapshot } from '../../src/store/engine.ts'
import { counting, filled } from '../crypto/fixtures.ts'
import { catchRefusal, expectRefusal } from './fixtures.ts'

export type EngineUnderTest = {
  readonly storeId: Uint8Array
  /** A writer waits at most `busyMs` milliseconds for another writer. */
  readonly connect: (busyMs: number) => Promise<Engine>
  readonly destroy: () => Promise<void>
}

const BUSY_MS = 100

const rowOf = (number: number, version = 1): SealedRow => ({
  id: filled(16, number),
  generation: version,
  listed: counting(number * 10 + version, 40),
  secret: number % 2 === 0 ? counting(number + version, 57) : null,
})
const indexOf = (name: string, value: number): BlindIndex => ({ name, value: filled(16, value) })
const entryOf = (seq: number): ChainedEntry => ({
  seq,
  operatorId: filled(16, 1),
  generation: seq,
  digest: filled(256, seq),
  body: counting(seq, 80),
  hash: filled(32, seq),
  signature: filled(64, seq),
})

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

/** Reads everything that `writeAll` writes, in one snapshot. */
const readAll = (engine: Engine) =>
  engine.read(async (snapshot) => ({
    rows: await collect(snapshot.scanRows('device')),
    found: await snapshot.findRows('device', indexOf('tag', 1)),
    entries: await collect(snapshot.scanEntries(0)),
  }))

/** Writes one change of each kind, numbered by `seq`. */
async function writeAll(commit: Commit, seq: number): Promise<void> {
  await commit.putRow('device', rowOf(seq))
  await commit.putRow('device', rowOf(100, seq))
  await commit.putIndex('device', rowOf(seq).id, indexOf('tag', 1))
  await commit.appendEntry(entryOf(seq))
}

export function describeEngine(name: string, create: () => Promise<EngineUnderTest>): void {
  describe(`${name}, as every engine:`, () => {
    let store: EngineUnderTest
    let engine: Engine
    const others: Engine[] = []
    const connect = async () => {
      const other = await store.connect(BUSY_MS)
      others.push(other)
      return other
    }

    beforeEach(async () => {
      store = await create()
      engine = await store.connect(BUSY_MS)
    })
    afterEach(async () => {
      for (const open of [...others.splice(0), engine]) await open.close()
      await store.destroy()
    })

    describe('rows', () => {
      test('are read back unchanged, with or without a secret; a row that was not put is null', async () => {
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(1))
          await commit.putRow('device', rowOf(2))
        })
        await engine.read(async (snapshot) => {
          expect(snapshot.storeId).toEqual(store.storeId)
          expect(await snapshot.getRow('device', filled(16, 1))).toEqual(rowOf(1))
          expect(await snapshot.getRow('device', filled(16, 2))).toEqual(rowOf(2))
          expect(await snapshot.getRow('device', filled(16, 3))).toBeNull()
          expect(await snapshot.getRow('user', filled(16, 1))).toBeNull()
        })
      })

      test('with one id are separate in two collections; a second row of one collection replaces the first', async () => {
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(2))
          await commit.putRow('user', rowOf(2, 7))
          await commit.putRow('device', { ...rowOf(2, 5), secret: null })
        })
        await engine.read(async (snapshot) => {
          expect(await snapshot.getRow('device', filled(16, 2))).toEqual({ ...rowOf(2, 5), secret: null })
          expect(await snapshot.getRow('user', filled(16, 2))).toEqual(rowOf(2, 7))
        })
      })

      test('are added in a batch if their id is new; an existing row is not changed', async () => {
        const fresh = Array.from({ length: 40 }, (_, i) => rowOf(i, 7))
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(20))
          await commit.putRow('user', rowOf(21))
          expect(await commit.getRow('device', filled(16, 5))).toBeNull()
          expect(await commit.addRows('device', fresh)).toEqual(fresh.map((_, i) => i !== 20))
          expect(await commit.getRow('device', filled(16, 5))).toEqual(rowOf(5, 7))
          expect(await commit.addRows('device', [])).toEqual([])
        })
        await engine.read(async (snapshot) => {
          expect(await collect(snapshot.scanRows('device'))).toEqual([rowOf(20), ...fresh.filter((_, i) => i !== 20)])
          expect(await snapshot.getRow('user', filled(16, 21))).toEqual(rowOf(21))
        })
      })

      test('are read in their latest state within the commit, however they were read before', async () => {
        const id = filled(16, 2)
        const reads = (commit: Commit) => [
          () => commit.getRow('device', id),
          async () => (await commit.findRows('device', indexOf('tag', 2)))[0] ?? null,
        ]
        await engine.commit(async (commit) => {
          await commit.putIndex('device', id, indexOf('tag', 2))
          for (const read of reads(commit)) {
            await commit.putRow('device', rowOf(2))
            expect(await read()).toEqual(rowOf(2))
            expect(await commit.getRow('user', id)).toBeNull()
            await commit.putRow('device', rowOf(2, 5))
            expect(await commit.getRow('device', id)).toEqual(rowOf(2, 5))
            await read()
            await commit.deleteRow('device', id)
            expect(await commit.getRow('device', id)).toBeNull()
          }
        })
      })

      test('are scanned in the order in which they were added, even if they were replaced', async () => {
        const order = [9, 3, 7, 1]
        await engine.commit(async (commit) => {
          for (const number of order) await commit.putRow('device', rowOf(number))
          await commit.putRow('user', rowOf(5))
          await commit.putRow('device', rowOf(3, 2))
        })
        const scanned = await engine.read((snapshot) => collect(snapshot.scanRows('device')))
        expect(scanned).toEqual(order.map((number) => rowOf(number, number === 3 ? 2 : 1)))
      })

      test('are listed in batches, in the same order and without secrets, even over several snapshots', async () => {
        const order = [9, 3, 7, 1, 5]
        await engine.commit(async (commit) => {
          for (const number of order) await commit.putRow('device', rowOf(number))
          await commit.putRow('user', rowOf(5))
        })
        const next = (after: number) => engine.read((snapshot) => snapshot.listRows('device', after, 2))
        const first = await next(0)
        await engine.commit(async (commit) => {
          for (const number of [3, 7]) await commit.putRow('device', rowOf(number, 2))
          await commit.putRow('device', rowOf(8))
        })
        const second = await next(first.last)
        const third = await next(second.last)
        const end = await next(third.last)
        expect(end).toEqual({ rows: [], last: third.last })
        const listed = (number: number, generation = 1) => {
          const { secret: _, ...row } = rowOf(number, generation)
          return row
        }
        expect([first.rows, second.rows, third.rows]).toEqual([
          [listed(9), listed(3)],
          [listed(7, 2), listed(1)],
          [listed(5), listed(8)],
        ])
        expect(await engine.read((snapshot) => snapshot.countRows('device'))).toBe(6)
        expect(await engine.read((snapshot) => snapshot.countRows('none'))).toBe(0)
      })

      test('share no memory with the values that were put or read', async () => {
        const given = rowOf(2)
        await engine.commit((commit) => commit.putRow('device', given))
        given.listed.fill(0)
        for (const _ of [1, 2]) {
          const read = await engine.read((snapshot) => snapshot.getRow('device', given.id))
          expect(read).toEqual(rowOf(2))
          read?.listed.fill(0)
          read?.secret?.fill(0)
        }
      })

      test('can be scanned within a scan, only in part, and while they are replaced', async () => {
        await engine.commit(async (commit) => {
          for (const number of [1, 2, 3]) await commit.putRow('device', rowOf(number))
        })
        /** The number of rows up to and including the one with `id`. */
        const countTo = async (commit: Commit, id: Uint8Array) => {
          let seen = 0
          for await (const row of commit.scanRows('device')) if (seen++ >= 0 && equalBytes(row.id, id)) return seen
          return seen
        }
        const seen = await engine.commit(async (commit) => {
          const counts: number[] = []
          for await (const row of commit.scanRows('device')) {
            counts.push(await countTo(commit, row.id))
            await commit.putRow('device', { ...row, generation: 9 })
          }
          return counts
        })
        expect(seen).toEqual([1, 2, 3])
        const generations = await engine.read(async (s) =>
          (await collect(s.scanRows('device'))).map((row) => row.generation),
        )
        expect(generations).toEqual([9, 9, 9])
      })
    })

    describe('blind indexes', () => {
      test('find the rows that they point to, in the order of their ids', async () => {
        await engine.commit(async (commit) => {
          for (const number of [5, 2, 8]) {
            await commit.putRow('device', rowOf(number))
            await commit.putIndex('device', rowOf(number).id, indexOf('tag', number === 8 ? 4 : 1))
          }
          await commit.putRow('user', rowOf(6))
          await commit.putIndex('user', rowOf(6).id, indexOf('tag', 1))
          await commit.putIndex('device', rowOf(5).id, indexOf('user', 4))
        })
        await engine.read(async (snapshot) => {
          expect(await snapshot.findRows('device', indexOf('tag', 1))).toEqual([rowOf(2), rowOf(5)])
          expect(await snapshot.findRows('device', indexOf('tag', 4))).toEqual([rowOf(8)])
          expect(await snapshot.findRows('device', indexOf('user', 4))).toEqual([rowOf(5)])
          expect(await snapshot.findRows('user', indexOf('tag', 1))).toEqual([rowOf(6)])
          expect(await snapshot.findRows('user', indexOf('user', 4))).toEqual([])
        })
      })

      test('are put in a batch, and are stored once however often they are put', async () => {
        const batch = Array.from({ length: 20 }, (_, i) => ({ id: rowOf(i).id, ...indexOf('tag', i) }))
        await engine.commit(async (commit) => {
          for (const { id } of batch) await commit.putRow('device', { ...rowOf(1), id })
          await commit.putIndex('device', rowOf(3).id, indexOf('tag', 3))
          await commit.putIndexes('device', batch)
          await commit.putIndexes('device', batch.slice(7))
        })
        await engine.read(async (snapshot) => {
          for (const { id, name, value } of batch)
            expect((await snapshot.findRows('device', { name, value })).map((row) => row.id)).toEqual([id])
          expect(await collect(snapshot.scanIndexes())).toHaveLength(20)
        })
      })

      test('are stored once if they are put twice, and deleting one keeps the others', async () => {
        const { id } = rowOf(2)
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(2))
          for (const value of [1, 1, 4]) await commit.putIndex('device', id, indexOf('tag', value))
        })
        expect(await engine.read((snapshot) => snapshot.findRows('device', indexOf('tag', 1)))).toHaveLength(1)
        await engine.commit(async (commit) => {
          await commit.deleteIndex('device', id, indexOf('tag', 1))
          await commit.deleteIndex('device', filled(16, 9), indexOf('tag', 4))
          await commit.deleteIndex('user', id, indexOf('tag', 4))
        })
        await engine.read(async (snapshot) => {
          expect(await snapshot.findRows('device', indexOf('tag', 1))).toEqual([])
          expect(await snapshot.findRows('device', indexOf('tag', 4))).toEqual([rowOf(2)])
        })
      })

      test('that point to no row find none', async () => {
        await engine.commit((commit) => commit.putIndex('device', filled(16, 3), indexOf('tag', 1)))
        expect(await engine.read((snapshot) => snapshot.findRows('device', indexOf('tag', 1)))).toEqual([])
      })
    })

    describe('the reads of verifying', () => {
      test('list every collection and every index, even an index without a row, but nothing deleted', async () => {
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(1))
          await commit.putRow('user', rowOf(2))
          await commit.putRow('user', rowOf(3))
          for (const value of [1, 4]) await commit.putIndex('device', rowOf(1).id, indexOf('tag', value))
          await commit.putIndex('user', filled(16, 99), indexOf('name', 1))
          await commit.deleteIndex('device', rowOf(1).id, indexOf('tag', 4))
        })
        await engine.read(async (snapshot) => {
          expect((await snapshot.listCollections()).sort()).toEqual(['device', 'user'])
          const found = await collect(snapshot.scanIndexes())
          expect(found).toHaveLength(2)
          expect(found).toContainEqual({ collection: 'device', id: rowOf(1).id, ...indexOf('tag', 1) })
          expect(found).toContainEqual({ collection: 'user', id: filled(16, 99), ...indexOf('name', 1) })
        })
      })

      test('tell where the store is kept, and that the engine itself finds no fault', async () => {
        await engine.commit((commit) => writeAll(commit, 1))
        await engine.read(async (snapshot) => {
          expect(await snapshot.findFaults()).toEqual([])
          const { place, format, bytes } = await snapshot.describeKeeping()
          expect(place).not.toBe('')
          expect(format).toBeGreaterThan(0)
          expect(bytes).toBeGreaterThanOrEqual(0)
        })
      })

      test('list nothing in an empty store', async () => {
        await engine.read(async (snapshot) => {
          expect(await snapshot.listCollections()).toEqual([])
          expect(await collect(snapshot.scanIndexes())).toEqual([])
        })
      })
    })

    describe('entries', () => {
      test('are read back unchanged and in order, from any sequence on', async () => {
        expect(await engine.read((snapshot) => snapshot.lastEntry())).toBeNull()
        await engine.commit(async (commit) => {
          for (const seq of [1, 2, 3]) await commit.appendEntry(entryOf(seq))
        })
        await engine.read(async (snapshot) => {
          expect(await snapshot.lastEntry()).toEqual(entryOf(3))
          expect(await collect(snapshot.scanEntries(0))).toEqual([1, 2, 3].map(entryOf))
          expect(await collect(snapshot.scanEntries(2))).toEqual([entryOf(3)])
          expect(await collect(snapshot.scanEntries(3))).toEqual([])
          expect(await snapshot.getEntry(2)).toEqual(entryOf(2))
          expect([await snapshot.getEntry(0), await snapshot.getEntry(4)]).toEqual([null, null])
        })
      })

      test.each([1, 2, 4, 0])(
        'number %i cannot be appended after number 2, and its commit changes nothing',
        async (seq) => {
          await engine.commit(async (commit) => {
            for (const next of [1, 2]) await commit.appendEntry(entryOf(next))
          })
          const late = engine.commit(async (commit) => {
            await commit.putRow('device', rowOf(1))
            await commit.appendEntry(entryOf(seq))
          })
          await expect(late).rejects.toThrow('seq')
          expect(await readAll(engine)).toEqual({ rows: [], found: [], entries: [entryOf(1), entryOf(2)] })
        },
      )
    })

    describe('a commit', () => {
      test('reads its own writes, and resolves to the result of its work', async () => {
        const read = await engine.commit(async (commit) => {
          await writeAll(commit, 1)
          return [
            await commit.getRow('device', rowOf(1).id),
            await commit.lastEntry(),
            await commit.findRows('device', indexOf('tag', 1)),
          ]
        })
        expect(read).toEqual([rowOf(1), entryOf(1), [rowOf(1)]])
      })

      test('whose work throws changes nothing, and rejects with the same error', async () => {
        await engine.commit((commit) => writeAll(commit, 1))
        const before = await readAll(engine)
        const fault = new Error('a fault of the work')
        const failing = engine.commit(async (commit) => {
          await writeAll(commit, 2)
          await commit.deleteIndex('device', rowOf(1).id, indexOf('tag', 1))
          throw fault
        })
        await expect(failing).rejects.toBe(fault)
        expect(await readAll(engine)).toEqual(before)
        expect(await readAll(await connect())).toEqual(before)
        await engine.commit((commit) => writeAll(commit, 2))
      })

      test('waits for its turn: of fifty at once, each sees the one before it', async () => {
        const increment = async (commit: Commit) => {
          const before = await commit.getRow('device', filled(16, 2))
          await new Promise(setImmediate)
          await commit.putRow('device', { ...rowOf(2), generation: (before?.generation ?? 0) + 1 })
        }
        await Promise.all(Array.from({ length: 50 }, () => engine.commit(increment)))
        expect(
          await engine.read(async (snapshot) => (await snapshot.getRow('device', filled(16, 2)))?.generation),
        ).toBe(50)
      })

      test('that fails does not stop the commits that wait for it', async () => {
        const failing = engine.commit(() => Promise.reject(new Error('first')))
        const next = engine.commit((commit) => writeAll(commit, 1))
        await expect(failing).rejects.toThrow('first')
        await next
        expect((await readAll(engine)).entries).toEqual([entryOf(1)])
      })

      test('is wholly visible to other connections when it resolves', async () => {
        const other = await connect()
        await engine.commit((commit) => writeAll(commit, 1))
        expect(await readAll(other)).toEqual({ rows: [rowOf(1), rowOf(100)], found: [rowOf(1)], entries: [entryOf(1)] })
      })

      test('of a second writer is refused as busy after the waiting time, and can be repeated', async () => {
        const other = await connect()
        await engine.commit(async (commit) => {
          await commit.putRow('device', rowOf(1))
          const started = performance.now()
          await expectRefusal('busy', 'busy', () => other.commit((late) => late.putRow('device', rowOf(2))))
          expect(performance.now() - started).toBeGreaterThan(BUSY_MS / 2)
        })
        await other.commit((again) => again.putRow('device', rowOf(2)))
        expect((await readAll(engine)).rows).toEqual([rowOf(1), rowOf(2)])
      })

      test('that runs again after a conflict writes once: the first run is rolled back', async () => {
        let runs = 0
        const work = async (commit: Commit) => {
          const before = (await commit.lastEntry())?.seq ?? 0
          await writeAll(commit, before + 1)
          if (++runs === 1) throw new Error('conflict')
        }
        await expect(engine.commit(work)).rejects.toThrow('conflict')
        await engine.commit(work)
        expect((await readAll(engine)).entries).toEqual([entryOf(1)])
      })

      test('rejects a write after its end', async () => {
        const kept: Commit[] = []
        await engine.commit(async (commit) => void kept.push(commit))
        await expect((kept[0] as Commit).putRow('device', rowOf(1))).rejects.toThrow('over')
        // Nor can it write through the transaction that runs later.
        await engine.commit(async () => {
          await expect((kept[0] as Commit).appendEntry(entryOf(1))).rejects.toThrow('over')
        })
        expect(await readAll(engine)).toEqual({ rows: [], found: [], entries: [] })
      })
    })

    describe('a snapshot', () => {
      test('reads one state from its first row to its last, whatever others commit', async () => {
        const other = await connect()
        await engine.commit((commit) => writeAll(commit, 1))
        await other.read(async (snapshot) => {
          const before = [await snapshot.getRow('device', rowOf(100).id), await snapshot.lastEntry()]
          // An engine may let the writer commit, or make it wait for the reader, which ends with busy.
          const writing = engine.commit((commit) => writeAll(commit, 2))
          expect(
            await writing.then(
              () => 'written',
              async (error) => (await catchRefusal(() => Promise.reject(error))).kind,
            ),
          ).toMatch(/^(written|busy)$/)
          expect([await snapshot.getRow('device', rowOf(100).id), await snapshot.lastEntry()]).toEqual(before)
          expect(await collect(snapshot.scanRows('device'))).toEqual([rowOf(1), rowOf(100)])
        })
      })

      test('shows the old state while a commit is under way, never a part of the new one', async () => {
        const other = await connect()
        await engine.commit((commit) => writeAll(commit, 1))
        const before = await readAll(other)
        await engine.commit(async (commit) => {
          await writeAll(commit, 2)
          expect(await readAll(other)).toEqual(before)
        })
        expect((await readAll(other)).entries).toEqual([entryOf(1), entryOf(2)])
      })

      test('rejects every read after its end', async () => {
        const kept: Snapshot[] = []
        await engine.commit((commit) => writeAll(commit, 1))
        const scan = await engine.read(async (snapshot) => {
          kept.push(snapshot)
          const iterator = snapshot.scanRows('device')[Symbol.asyncIterator]()
          await iterator.next()
          return iterator
        })
        await expect((kept[0] as Snapshot).getRow('device', rowOf(1).id)).rejects.toThrow('over')
        await expect(collect((kept[0] as Snapshot).scanEntries(0))).rejects.toThrow('over')
        await expect(collect((kept[0] as Snapshot).scanIndexes())).rejects.toThrow('over')
        for (const look of ['listCollections', 'describeKeeping', 'findFaults'] as const)
          await expect((kept[0] as Snapshot)[look]()).rejects.toThrow('over')
        await expect(scan.next()).rejects.toThrow('over')
      })

      test('that ends in the middle of a scan blocks no writer', async () => {
        const other = await connect()
        await engine.commit((commit) => writeAll(commit, 1))
        const scans = await engine.read(async (snapshot) => {
          const open = [
            snapshot.scanRows('device')[Symbol.asyncIterator](),
            snapshot.scanEntries(0)[Symbol.asyncIterator](),
          ]
          for (const scan of open) await scan.next()
          return open
        })
        await other.commit((commit) => writeAll(commit, 2))
        expect(scans).toHaveLength(2)
      })

      test('whose work throws does not stop the next snapshot', async () => {
        await expect(engine.read(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault')
        expect(await engine.read((snapshot) => snapshot.lastEntry())).toBeNull()
      })
    })

    test('closing waits for a running commit', async () => {
      const writer = await store.connect(BUSY_MS)
      const writing = writer.commit(async (commit) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        await writeAll(commit, 1)
      })
      await writer.close()
      await writing
      expect((await readAll(engine)).entries).toEqual([entryOf(1)])
    })
  })
}
