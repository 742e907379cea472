/**
 * Tests that each sealed box of the store is bound to its place: store, section, generation, collection and id.
 * - An attacker who has the file but no key can move, exchange, cut and flip boxes.
 * - After each of these changes the test reads everything that a desk reads. No box may be read as something else.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import type { ChainedEntry } from '../../src/crypto/audit-chain.ts'
import { encodeHex, equalBytes } from '../../src/crypto/bytes.ts'
import { deriveCollectionKey, sealRecord } from '../../src/crypto/seal.ts'
import { allow } from '../../src/desk/decision.ts'
import { decideBlock } from '../../src/desk/device/decide.ts'
import { decideUnlock } from '../../src/desk/operator.ts'
import type { Device } from '../../src/desk/records/index.ts'
import { openDesk } from '../../src/store/desk.ts'
import { createSealer } from '../../src/store/sealer.ts'
import { filled, flipBit } from '../crypto/fixtures.ts'
import { catchRefusal, createMemoryDesk, drawFounder, expectRefusal, type MemoryDesk } from './fixtures.ts'
import { copyStore, type MemoryStore, type StoredRow, type StoreState } from './memory-engine.ts'
import { populate, readEverything, TAGS, USERS } from './reading.ts'
import { findFaults } from './verify/verifying.ts'

async function createPopulated(given: { salt?: Uint8Array } = {}): Promise<MemoryDesk> {
  const created = await createMemoryDesk(given)
  await populate(created.desk, created)
  return created
}

const readAll = (store: MemoryStore, desk: MemoryDesk = made) => readEverything(store.connect(), desk, desk.desk.opened)

let made: MemoryDesk
let whole: string
beforeAll(async () => {
  made = await createPopulated()
  whole = await readAll(made.store)
})

/** A copy of the store with a change that needs no keys. */
function edit(change: (state: StoreState) => void): MemoryStore {
  const copy = copyStore(made.store)
  change(copy.state)
  return copy
}

const expectDamage = (store: MemoryStore) => expectRefusal('damaged', null, () => readAll(store))
const rowsOf = (collection: string): StoredRow[] => made.store.state.rows.filter((row) => row.collection === collection)
const place = (row: StoredRow) => `${row.collection} ${encodeHex(row.id).slice(0, 4)}`
const isRow = (row: StoredRow) => (one: StoredRow) => one.collection === row.collection && equalBytes(one.id, row.id)

/** A copy of the store with changed fields of this row. */
const editRow = (row: StoredRow, change: Partial<StoredRow>) =>
  edit((state) => {
    state.rows = state.rows.map((one) => (isRow(row)(one) ? { ...one, ...change } : one))
  })

test('an unchanged copy of the store is read whole', async () => {
  expect(await readAll(copyStore(made.store))).toBe(whole)
  expect(made.store.state.rows.map(({ collection }) => collection).sort()).toEqual([
    'device',
    'device',
    'keyring',
    'organisation',
    'roster',
    'user',
    'user',
  ])
})

describe('a box is damaged if it is moved', () => {
  test('to any other row, of another id or another collection', async () => {
    for (const from of made.store.state.rows) {
      for (const to of made.store.state.rows.filter((row) => row !== from)) {
        const { kind } = await catchRefusal(() => readAll(editRow(to, { listed: from.listed })))
        expect(kind, `${place(from)} → ${place(to)}`).toBe('damaged')
      }
    }
  })

  test('to another section, and a secret to another device', async () => {
    const [a, b] = rowsOf('device') as [StoredRow, StoredRow]
    await expectDamage(editRow(a, { secret: b.secret }))
    await expectDamage(editRow(a, { listed: a.secret as Uint8Array }))
    await expectDamage(editRow(a, { secret: a.listed }))
    await expectDamage(editRow(a, { secret: null }))
  })

  test('with its row to another id', async () => {
    for (const row of made.store.state.rows) {
      const moved = editRow(row, { id: filled(16, 1) })
      // An operator without a keyring row looks removed. A user is found only by the index, so here it is not found.
      if (row.collection === 'keyring') await expectRefusal('refused', 'not-an-operator', () => readAll(moved))
      else if (row.collection === 'user') expect(await readAll(moved)).not.toBe(whole)
      else await expectDamage(moved)
    }
    const [a, b] = rowsOf('device') as [StoredRow, StoredRow]
    const exchanged = edit((state) => {
      state.rows = state.rows.map((one) =>
        isRow(a)(one) ? { ...one, id: b.id } : isRow(b)(one) ? { ...one, id: a.id } : one,
      )
    })
    await expectDamage(exchanged)
  })

  test('with its row to another collection', async () => {
    const [user] = rowsOf('user') as [StoredRow]
    const [device] = rowsOf('device') as [StoredRow]
    await expectDamage(editRow(user, { collection: 'device' }))
    // Rows of two collections may have the same id.
    const sealer = createSealer(made.keyring, made.storeId, made.options.random)
    const listed = sealer.sealListed('user', device.id, { name: 'a user with the id of a device' })
    await expectDamage(editRow(device, { listed }))
  })

  test('to another generation', async () => {
    for (const row of made.store.state.rows.filter(({ collection }) => collection !== 'keyring'))
      await expectDamage(editRow(row, { generation: 2 }))
    // A keyring has no generation: it is sealed to its operator.
    expect(await readAll(editRow(rowsOf('keyring')[0] as StoredRow, { generation: 2 }))).toBe(whole)
    // Nor does a row open as another generation if the reader holds the same key for both.
    const { directory = [] } = made.keyring
    const key = directory[0]?.key as Uint8Array
    const both = createSealer(
      {
        directory: [
          { generation: 1, key },
          { generation: 2, key },
        ],
      },
      made.storeId,
      made.options.random,
    )
    const [device] = rowsOf('device') as [StoredRow]
    expect(both.openListed<object>('device', device)).toMatchObject({ tag: TAGS[0] })
    await expectRefusal('damaged', 'damaged-record', () => both.openListed('device', { ...device, generation: 2 }))
  })

  test('from another store of the same keys, row by row and entry by entry', async () => {
    const other = await createPopulated({ salt: filled(16, 9) })
    expect(other.keyring).toEqual(drawFounder().keyring)
    expect(await readAll(other.store, other)).toBe(whole)
    for (const [i, row] of made.store.state.rows.entries()) {
      const there = other.store.state.rows[i] as StoredRow
      // The keyring is the same: it is bound to the operator's key, not to the store.
      if (row.collection !== 'keyring') await expectDamage(editRow(row, { listed: there.listed }))
      if (row.secret !== null) await expectDamage(editRow(row, { secret: there.secret }))
    }
    for (const [i, entry] of other.store.state.entries.entries()) {
      await expectDamage(
        edit(({ entries }) => void entries.splice(i, 1, { ...(entries[i] as ChainedEntry), body: entry.body })),
      )
    }
    await expectDamage(edit((state) => Object.assign(state, { storeId: filled(16, 9) })))
  })

  test('from one entry to another, or between an entry and a record', async () => {
    const [first, second] = made.store.state.entries as [ChainedEntry, ChainedEntry]
    const [device] = rowsOf('device') as [StoredRow]
    for (const body of [second.body, device.listed]) {
      await expectDamage(edit(({ entries }) => void entries.splice(0, 1, { ...first, body })))
    }
    await expectDamage(editRow(device, { listed: first.body }))
    await expectDamage(edit(({ entries }) => void entries.splice(0, 1, { ...first, generation: 2 })))
  })
})

describe('a blind index', () => {
  test('is damaged if it points to another record', async () => {
    for (const index of made.store.state.indexes) {
      for (const other of rowsOf(index.collection).filter(({ id }) => !equalBytes(id, index.id))) {
        const turned = edit(({ indexes }) => {
          for (const [i, one] of indexes.entries())
            if (equalBytes(one.value, index.value)) indexes[i] = { ...one, id: other.id }
        })
        await expectDamage(turned)
        // Nor can another index be added beside the right one.
        await expectDamage(edit(({ indexes }) => void indexes.push({ ...index, id: other.id })))
      }
    }
  })

  test('is damaged if it is put back with its old row, and another row now has its value', async () => {
    const now = copyStore(made.store)
    const desk = await openDesk(now.connect(), made.keys, made.options)
    const [first, second] = await desk.read(
      async (records) => [(await records.deviceByTag(5)) as Device, (await records.deviceByTag(6)) as Device] as const,
    )
    const retag = (device: Device, tag: number) =>
      desk.commit(async () =>
        allow(
          { action: 'test.retag', subject: null, details: {} },
          [{ put: 'device', record: { ...device, tag } }],
          null,
        ),
      )
    await retag(first, 7)
    await retag(second, 5)
    expect(await desk.read((records) => records.deviceByTag(5))).toMatchObject({ deviceId: second.deviceId })
    const old = made.store.state
    now.state.rows = now.state.rows.map(
      (row) => old.rows.find((one) => isRow(row)(one) && encodeHex(row.id) === first.deviceId) ?? row,
    )
    now.state.indexes.push(...old.indexes.filter(({ id }) => encodeHex(id) === first.deviceId))
    await expectRefusal('damaged', 'damaged-record', () => desk.read((records) => records.deviceByTag(5)))
  })

  test('finds nothing if it is missing', async () => {
    const gone = edit(({ indexes }) => void indexes.splice(0))
    const desk = await openDesk(gone.connect(), made.keys, made.options)
    expect(await desk.read((records) => records.deviceByTag(5))).toBeNull()
    expect(await desk.read((records) => records.user('zoe@example.ch'))).toBeNull()
  })
})

test('every flipped byte of every column is damaged, or found by verifying, or finds less', async () => {
  const counts = { damaged: 0, verified: 0, less: 0, stranger: 0 }
  const judge = async (store: MemoryStore, what: string) => {
    const read = await readAll(store).catch((error) => error.refusal?.reason ?? String(error))
    if (/^(damaged-record|unknown-generation)$/.test(read)) counts.damaged++
    else if (read === 'not-an-operator') counts.stranger++
    // The desk does not read hash, signature, digest and operator of an entry. Verifying the chain checks them.
    else if (read === whole) {
      expect((await findFaults(store.connect(), made)).length, what).toBeGreaterThan(0)
      counts.verified++
    } else {
      // With a damaged index its record is not found, and no other record is found instead.
      const lines = (text: string) => (JSON.parse(text) as unknown[]).map((one) => JSON.stringify(one))
      const before = lines(whole)
      expect(
        lines(read).filter((line, i) => line !== before[i]),
        what,
      ).toEqual(['null'])
      counts.less++
    }
  }
  const flipAll = async (bytes: Uint8Array, what: string, put: (state: StoreState, flipped: Uint8Array) => void) => {
    for (let at = 0; at < bytes.length; at++)
      await judge(
        edit((state) => put(state, flipBit(bytes, at, at % 8))),
        `${what} ${at}`,
      )
  }
  const { rows, indexes, entries } = made.store.state
  for (const [i, row] of rows.entries()) {
    for (const column of ['id', 'listed', 'secret'] as const) {
      await flipAll(row[column] ?? new Uint8Array(0), `${place(row)} ${column}`, (state, flipped) =>
        Object.assign(state.rows[i] as StoredRow, { [column]: flipped }),
      )
    }
  }
  for (const [i, index] of indexes.entries()) {
    for (const column of ['id', 'value'] as const) {
      await flipAll(index[column], `${index.name} ${column}`, (state, flipped) =>
        Object.assign(state.indexes[i] as object, { [column]: flipped }),
      )
    }
  }
  for (const [i, entry] of entries.entries()) {
    for (const column of ['operatorId', 'digest', 'body', 'hash', 'signature'] as const) {
      await flipAll(entry[column], `entry ${entry.seq} ${column}`, (state, flipped) =>
        Object.assign(state.entries[i] as ChainedEntry, { [column]: flipped }),
      )
    }
  }
  await flipAll(made.storeId, 'storeId', (state, flipped) => Object.assign(state, { storeId: flipped }))
  expect(counts.stranger).toBe(16)
  // The indexes, and the ids of users, because users are found only by their index.
  expect(counts.less).toBe(indexes.length * 32 + USERS.length * 16)
  expect(counts.verified).toBe(entries.length * (16 + 256 + 32 + 64))
  expect(counts.damaged).toBeGreaterThan(2_500)
})

test('every box that is shortened or extended is damaged', async () => {
  for (const row of made.store.state.rows) {
    for (const length of [0, 1, 24, 40, row.listed.length - 1])
      await expectDamage(editRow(row, { listed: row.listed.subarray(0, length) }))
    await expectDamage(editRow(row, { listed: Uint8Array.of(...row.listed, 0) }))
  }
})

describe('a text that no keydesk writes, sealed with the right key', () => {
  test.each(['', 'null', '7', '"text"', '{', '{"tag":5', '\ufeff{}', '\0'])('is damaged: %j', async (text) => {
    const [device] = rowsOf('device') as [StoredRow]
    const key = deriveCollectionKey(made.keyring.directory?.[0]?.key as Uint8Array, {
      storeId: made.storeId,
      section: 'directory',
      generation: 1,
      collection: 'device',
    })
    const listed = sealRecord(key, new TextEncoder().encode(text), device.id, filled(24, 1))
    await expectDamage(editRow(device, { listed }))
  })

  test('changes no other object if it contains the name of a prototype', async () => {
    const sealer = createSealer(made.keyring, made.storeId, made.options.random)
    const [device] = rowsOf('device') as [StoredRow]
    const record = JSON.parse('{"__proto__":{"role":"admin"},"constructor":{"prototype":{"role":"admin"}}}') as object
    const listed = sealer.sealListed('device', device.id, record)
    const opened = { ...sealer.openListed<object>('device', { ...device, listed }), tag: 1 }
    expect(Object.getPrototypeOf(opened)).toBe(Object.prototype)
    expect(({} as Record<string, unknown>)['role']).toBeUndefined()
    expect((opened as Record<string, unknown>)['role']).toBeUndefined()
  })
})

test('a commit that reads a damaged record changes nothing', async () => {
  const [device] = rowsOf('device') as [StoredRow]
  const damaged = editRow(device, { listed: flipBit(device.listed, 60) })
  const before = structuredClone(damaged.state)
  const desk = await openDesk(damaged.connect(), made.keys, made.options)
  const commit = desk.commit(async (records, now) => {
    await records.deviceByTag(5)
    return decideUnlock(1, { now, operator: desk.me })
  })
  await expectRefusal('damaged', 'damaged-record', () => commit)
  // Nor does a commit that would overwrite the record without reading it: the indexes of the old record are unknown.
  const { answer } = await made.desk.read(async (records) => ({ answer: (await records.deviceByTag(5)) as Device }))
  await expectRefusal('damaged', 'damaged-record', () =>
    desk.commit(async (_, now) => decideBlock(answer, null, { now, operator: desk.me })),
  )
  expect(damaged.state).toEqual(before)
})
