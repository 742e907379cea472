/**
 * Tests the worker thread that opens and seals rows.
 * - It gives the same results as the main thread.
 * - A damaged row is found in either thread.
 * - Everything works without the worker thread too.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encodeHex, type HexId } from '../../../src/crypto/bytes.ts'
import { DIGEST_BYTES, updateDigest } from '../../../src/crypto/section.ts'
import { allow, type Change } from '../../../src/desk/decision.ts'
import type { Device, User } from '../../../src/desk/records/index.ts'
import { openRows } from '../../../src/store/bulk/open-rows.ts'
import { makeSharedBuffers, pack, unpack } from '../../../src/store/bulk/packed-bytes.ts'
import { sealBatch } from '../../../src/store/bulk/sealed-batch.ts'
import { SecondThread } from '../../../src/store/bulk/second-thread.ts'
import { type Desk, openDesk } from '../../../src/store/desk.ts'
import { readDevices } from '../../../src/store/devices.ts'
import type { Engine } from '../../../src/store/engine.ts'
import { createSealer } from '../../../src/store/sealer.ts'
import { counting, filled, flipBit, toHex, utf8 } from '../../crypto/fixtures.ts'
import { DEVICE } from '../../desk/fixtures.ts'
import { createFileStore, type createMemoryDesk, drawFounder, expectRefusal, type FileStore } from '../fixtures.ts'
import { findFaults } from '../verify/verifying.ts'

/**
 * Counts the threads that were started and the messages that they sent.
 * `refuse`: starting a thread throws. `endAfter`: a thread is terminated after that many messages.
 */
const threads = vi.hoisted(() => ({ started: 0, answers: 0, refuse: false, endAfter: Number.POSITIVE_INFINITY }))
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>()
  class Watched extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      if (threads.refuse) throw new Error('no thread')
      super(...args)
      threads.started++
      this.on('message', () => {
        if (++threads.answers >= threads.endAfter) void this.terminate()
      })
    }
  }
  return { ...real, Worker: Watched }
})
/** `setImmediate` waits for the first message of a started thread, so that the thread takes part in the test. */
vi.mock('node:timers/promises', async (original) => {
  const real = await original<typeof import('node:timers/promises')>()
  const turn = async () => {
    do await real.setImmediate()
    while (threads.started > 0 && threads.answers === 0)
  }
  return { ...real, setImmediate: turn }
})
const open: SecondThread[] = []
afterEach(() => {
  for (const thread of open.splice(0)) thread.end()
  Object.assign(threads, { started: 0, answers: 0, refuse: false, endAfter: Number.POSITIVE_INFINITY })
})

const founder = drawFounder()
const { keyring, storeId, options } = founder
const sealer = createSealer(keyring, storeId, options.random)
async function startThread(): Promise<SecondThread> {
  const thread = new SecondThread({ keyring, storeId })
  open.push(thread)
  await vi.waitUntil(() => thread.isReady, 150_000)
  return thread
}

const idOf = (number: number): Uint8Array => Uint8Array.from(Buffer.from(number.toString(16).padStart(32, '0'), 'hex'))
const deviceOf = (number: number, name = `Zoë’s iPhone ${number}`): Device => ({
  ...DEVICE,
  deviceId: encodeHex(idOf(number)),
  tag: number,
  name,
  user: `user${number}@example.ch`,
})
const secretOf = (number: number): Uint8Array => counting(number % 200, 32)
const addDevice = (number: number, name?: string): Change => ({
  put: 'device',
  record: deviceOf(number, name),
  secret: secretOf(number),
})
const userOf = (number: number): User => ({
  userId: encodeHex(idOf(10_000_000 + number)),
  name: `user${number}@example.ch`,
  addedAt: 7,
  roles: [],
  removedAt: number % 5 === 0 ? 9 : null,
})
const ENTRY = { action: 'test.import', subject: null, details: {} }
const numbers = (count: number, from = 1) => Array.from({ length: count }, (_, i) => from + i)
const commit = (desk: Desk, changes: readonly Change[]) => desk.commit(async () => allow(ENTRY, changes, null))

describe('the worker thread', () => {
  test('opens rows that the main thread sealed, and returns an empty text for any other row', async () => {
    const thread = await startThread()
    const rows = numbers(50).map((number) => ({
      id: idOf(number),
      listed: sealer.sealListed('device', idOf(number), deviceOf(number)),
    }))
    const texts = rows.map((row) => toHex(sealer.openText('device', { ...row, generation: 1 })))
    const read = (opened: readonly Uint8Array[]) => opened.map(toHex)
    expect(await thread.open('device', 1, rows, read)).toEqual(texts)
    const damaged = rows.map((row, i) => (i === 7 ? { ...row, listed: flipBit(row.listed, 60) } : row))
    expect(await thread.open('device', 1, damaged, read)).toEqual(texts.map((text, i) => (i === 7 ? '' : text)))
    expect(await thread.open('user', 1, rows, read)).toEqual(texts.map(() => ''))
    expect(await thread.open('device', 2, rows, read)).toEqual(texts.map(() => ''))
    expect(await thread.open('device', 1, [], read)).toEqual([])
  })

  test.each([
    ['in the shared buffers', 2 ** 18],
    ['in a copy if the shared buffers are too small', 100],
  ])('seals rows that the main thread opens, %s', async (_, roomBytes) => {
    const thread = await startThread()
    const some = numbers(20)
    const texts = some.map((number) => JSON.stringify({ tag: number, name: 'Zoë’s' }))
    const none = new Uint8Array(0)
    const parts = some.flatMap((number, i) => [
      idOf(number),
      texts[i] as string,
      number % 3 === 0 ? none : secretOf(number),
    ])
    const buffers = { given: new SharedArrayBuffer(roomBytes), made: new SharedArrayBuffer(roomBytes) }
    const indexes = some.map((number) => ['tag', String(number)] as const)
    const job = { op: 'seal', collection: 'device', records: pack(parts, buffers.given), indexes, buffers } as const
    const batch = await thread.seal(job)
    if (batch === null) throw new Error('not sealed')
    expect(batch.sealed.bytes.buffer instanceof SharedArrayBuffer).toBe(roomBytes > 1_000)
    const sealed = unpack(batch.sealed)
    const rows = some.map((number, i) => {
      const secret = sealed[2 * i + 1] as Uint8Array
      const listed = sealed[2 * i] as Uint8Array
      return { id: idOf(number), generation: 1, listed, secret: secret.length === 0 ? null : secret }
    })
    for (const [i, row] of rows.entries()) {
      expect(toHex(sealer.openText('device', row))).toBe(toHex(utf8(texts[i] as string)))
      if ((i + 1) % 3 === 0) expect(row.secret).toBeNull()
      else expect(sealer.openSecret('device', row)).toEqual(secretOf(i + 1))
    }
    expect(toHex(batch.values)).toBe(indexes.map(([name, value]) => toHex(sealer.index(name, value).value)).join(''))
    const elements = rows.map((row) => sealer.digest('device', row))
    expect(batch.digest).toEqual(updateDigest(new Uint8Array(DIGEST_BYTES), [], elements))
  })

  test('receives whole a text of more bytes than characters that does not fit into the shared buffer', () => {
    const parts = [utf8('before'), '’'.repeat(60), utf8('after')]
    const packed = unpack(pack(parts, new SharedArrayBuffer(100)))
    expect(packed.map((part) => Buffer.from(part).toString())).toEqual(['before', '’'.repeat(60), 'after'])
  })

  test('returns null for secrets without their key; the main thread then refuses', async () => {
    const { secrets: _none, ...others } = keyring
    const thread = new SecondThread({ keyring: others, storeId })
    open.push(thread)
    await vi.waitUntil(() => thread.isReady, 150_000)
    const buffers = makeSharedBuffers()
    const records = pack([idOf(1), utf8('{}'), secretOf(1)], buffers.given)
    const job = { op: 'seal', collection: 'device', records, indexes: [], buffers } as const
    expect(await thread.seal(job)).toBeNull()
    await expectRefusal('refused', 'no-section-key', () =>
      sealBatch(createSealer(others, storeId, options.random), job),
    )
  })

  test('opens no row after its end, and none that it had not yet answered', async () => {
    const thread = await startThread()
    const rows = numbers(2_000).map((number) => ({ id: idOf(number), listed: filled(300, 1) }))
    const count = (texts: readonly Uint8Array[]) => texts.length
    const waiting = [thread.open('device', 1, rows, count), thread.open('device', 1, rows, count)]
    expect(thread.load).toBe(2)
    thread.end()
    expect((await Promise.all(waiting)).at(-1)).toBe(0)
    expect([thread.isReady, thread.load]).toEqual([false, 0])
    expect(await thread.open('device', 1, rows, count)).toBe(0)
  })

  test('is not used before it is ready', async () => {
    const thread = new SecondThread({ keyring, storeId })
    open.push(thread)
    expect(await thread.open('device', 1, [], (texts) => texts)).toEqual([])
  })
})

describe('a large commit', () => {
  async function importInto(desk: Desk, engine: Engine, who: FileStore | Awaited<ReturnType<typeof createMemoryDesk>>) {
    await commit(desk, [addDevice(3, 'there before'), { put: 'user', record: userOf(4) }])
    await commit(desk, [
      ...numbers(1_500).map((number): Change => ({ put: 'user', record: userOf(number) })),
      { put: 'device', record: deviceOf(3, 'changed') },
      ...numbers(4_000).map((number) => addDevice(number)),
      // The same record twice in one commit: the later one stays.
      addDevice(17, 'again'),
      addDevice(18, 'again'),
    ])
    expect(await findFaults(engine, who)).toEqual([])
    const devices: Device[] = []
    for await (const batch of readDevices(desk)) devices.push(...batch)
    const order = [3, ...numbers(4_000).filter((number) => number !== 3)]
    const nameOf = (number: number) => (number === 17 || number === 18 ? 'again' : undefined)
    expect(devices).toEqual(order.map((number) => deviceOf(number, nameOf(number))))
    await desk.read(async (records) => {
      for (const number of [1, 3, 17, 2_500, 4_000]) {
        expect((await records.deviceByTag(number))?.deviceId).toBe(deviceOf(number).deviceId)
        expect(await records.deviceSecret(deviceOf(number))).toEqual(secretOf(number))
      }
      expect(await records.user('user7@example.ch')).toEqual(userOf(7))
      expect(await records.user('user10@example.ch')).toBeNull()
    })
  }

  test('writes the same rows as many small commits, and the store verifies', async () => {
    const store = await createFileStore()
    const engine = store.connect()
    await importInto(await openDesk(engine, store.keys, store.options), engine, store)
    await engine.close()
    expect(threads.started).toBeGreaterThan(0)
    // The first message says that the thread is ready.
    expect(threads.answers).toBeGreaterThan(5)
  })

  test('writes the same rows if no worker thread can start', async () => {
    const store = await createFileStore()
    const engine = store.connect()
    const desk = await openDesk(engine, store.keys, store.options)
    threads.refuse = true
    await importInto(desk, engine, store)
    await engine.close()
  })

  test('writes the same rows if the worker thread ends in the middle', async () => {
    const store = await createFileStore()
    const engine = store.connect()
    const desk = await openDesk(engine, store.keys, store.options)
    threads.endAfter = 3
    await importInto(desk, engine, store)
    await engine.close()
    expect(threads.answers).toBeGreaterThanOrEqual(3)
  })

  test('changes nothing if it fails', async () => {
    const store = await createFileStore()
    const engine = store.connect()
    const desk = await openDesk(engine, store.keys, store.options)
    const wrong = { ...deviceOf(5_000), deviceId: 'no id' as HexId }
    await expect(
      commit(desk, [...numbers(4_999).map((number) => addDevice(number)), { put: 'device', record: wrong }]),
    ).rejects.toThrow()
    expect(await desk.inspect(({ snapshot }) => snapshot.countRows('device'))).toBe(0)
    expect(await findFaults(engine, store)).toEqual([])
    await engine.close()
  })
})

describe('reading a fleet', () => {
  const COUNT = 6_000
  const batch = (from: number, count: number) => ({
    sealer,
    rows: numbers(count, from).map((number) => ({
      id: idOf(number),
      generation: 1,
      listed: sealer.sealListed('device', idOf(number), deviceOf(number)),
    })),
  })
  async function* batches(change: (rows: ReturnType<typeof batch>['rows'], at: number) => void = () => undefined) {
    for (let from = 1; from <= COUNT; from += 250) {
      const made = batch(from, 250)
      change(made.rows, from)
      yield made
    }
  }

  test('returns every record in order, whichever thread opened it', async () => {
    const read: Device[] = []
    for await (const devices of openRows<Device>('device', batches())) read.push(...devices)
    expect(read).toEqual(numbers(COUNT).map((number) => deviceOf(number)))
    expect(threads.started).toBe(1)
    expect(threads.answers).toBeGreaterThan(3)
  })

  test('works without a worker thread', async () => {
    threads.refuse = true
    let count = 0
    for await (const devices of openRows<Device>('device', batches())) count += devices.length
    expect(count).toBe(COUNT)
  })

  test('starts no worker thread for few rows', async () => {
    for await (const devices of openRows<Device>('device', [batch(1, 4_000)] as never))
      expect(devices).toHaveLength(4_000)
    expect(threads.started).toBe(0)
  })

  test.each([10, 5_990])('throws damaged at the batch of row %d, which does not open', async (at) => {
    const damage = (rows: ReturnType<typeof batch>['rows'], from: number) => {
      const row = rows[at - from]
      if (row !== undefined) rows[at - from] = { ...row, listed: flipBit(row.listed, 70) }
    }
    let count = 0
    await expectRefusal('damaged', 'damaged-record', async () => {
      for await (const devices of openRows<Device>('device', batches(damage))) count += devices.length
    })
    expect(count).toBe(Math.floor((at - 1) / 250) * 250)
  })

  test('ends the worker thread if the reader stops early', async () => {
    const end = vi.spyOn(SecondThread.prototype, 'end')
    for await (const devices of openRows<Device>('device', batches())) if (devices[0]?.tag === 5_501) break
    expect(end).toHaveBeenCalledTimes(1)
    end.mockRestore()
  })
})
