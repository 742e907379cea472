/**
 * Tests verifying a whole store, with one defect a test.
 * - The attacker has the file. Each defect is found and named.
 * - The independent verifier of `verifying.ts` gives a second opinion on everything that it checks.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { encodeHex, equalBytes } from '../../../src/crypto/bytes.ts'
import { decideBlock } from '../../../src/desk/device/decide.ts'
import type { Device } from '../../../src/desk/records/index.ts'
import { openDesk } from '../../../src/store/desk.ts'
import type { StoredIndex } from '../../../src/store/engine.ts'
import { readStoreInfo } from '../../../src/store/info.ts'
import { createSealer } from '../../../src/store/sealer.ts'
import { verifyStore } from '../../../src/store/verify/store.ts'
import { filled, flipBit, hex } from '../../crypto/fixtures.ts'
import { MONDAY_MS } from '../../fake-context.ts'
import { createFileStore, createMemoryDesk, type Invited, inviteDevice, type MemoryDesk, tamper } from '../fixtures.ts'
import { copyStore, type StoredRow, type StoreState } from '../memory-engine.ts'
import { findFaults } from './verifying.ts'

let made: MemoryDesk
let zoe: Invited
let max: Invited
/** zoe's row as it was before she was blocked. */
let before: StoredRow
beforeAll(async () => {
  made = await createMemoryDesk()
  zoe = await inviteDevice(made.desk, made.options.random, 5)
  max = await inviteDevice(made.desk, made.options.random, 6, { user: 'max@example.ch' })
  before = structuredClone(rowOf(made.store.state, zoe))
  await made.desk.commit(async (records, now) =>
    decideBlock((await records.device(zoe.device.deviceId)) as Device, 'lost', { now, operator: made.me }),
  )
})

const idOf = ({ device }: Invited) => hex(device.deviceId)
const rowOf = (state: StoreState, invited: Invited): StoredRow =>
  state.rows.find(({ collection, id }) => collection === 'device' && equalBytes(id, idOf(invited))) as StoredRow
const indexOf = (state: StoreState, invited: Invited): StoredIndex =>
  state.indexes.find(({ name, id }) => name === 'tag' && equalBytes(id, idOf(invited))) as StoredIndex
const put = (state: StoreState, invited: Invited, change: Partial<StoredRow>): void => {
  const row = rowOf(state, invited)
  state.rows[state.rows.indexOf(row)] = { ...row, ...change }
}

/** The report of verifying after the change, the words of its faults, and the second opinion. */
async function verify(change: (state: StoreState) => void, holdsSecrets = true) {
  const copy = copyStore(made.store)
  change(copy.state)
  const { sealed, keyring } = made.desk.opened
  const { secrets: _, ...others } = keyring
  const opened = { sealed, keyring: holdsSecrets ? keyring : others }
  const desk = await openDesk(copy.connect(), made.keys, made.options, { opened })
  const report = await verifyStore(desk, () => undefined)
  const second = await findFaults(copy.connect(), made)
  return { report, words: report.faults.map(({ what }) => what), second }
}

test('an unchanged store has no fault', async () => {
  const { report, second } = await verify(() => undefined)
  expect(report).toMatchObject({ faults: [], faultCount: 0 })
  expect(report).toMatchObject({ rows: 7, indexes: 4, secrets: 2, secretsNotOpened: 0, keyrings: 1 })
  expect(report.chain.newest?.seq).toBe(4)
  expect(second).toEqual([])
})

/** The row with a secret that opens there. The only fault is that the row must not have one. */
function withSecret(row: StoredRow): StoredRow {
  const sealer = createSealer(made.keyring, made.storeId, made.options.random)
  return { ...row, secret: sealer.sealSecret(row.collection, row.id, filled(32, 1)) }
}

describe('verifying finds a row', () => {
  const cases: [string, (state: StoreState) => void, string[]][] = [
    ['that was put back to an older state', (s) => put(s, zoe, before), ['digest']],
    [
      'whose listed part was changed',
      (s) => put(s, zoe, { listed: flipBit(rowOf(s, zoe).listed, 40) }),
      ['row', 'digest'],
    ],
    ['with the listed part of another', (s) => put(s, zoe, { listed: rowOf(s, max).listed }), ['row', 'digest']],
    ['with the secret of another device', (s) => put(s, zoe, { secret: rowOf(s, max).secret }), ['secret', 'digest']],
    ['whose secret was deleted', (s) => put(s, zoe, { secret: null }), ['secret', 'digest']],
    ['of a generation that has no keys', (s) => put(s, zoe, { generation: 7 }), ['secret', 'row']],
    [
      'that was deleted without its index',
      (s) => void s.rows.splice(s.rows.indexOf(rowOf(s, zoe)), 1),
      ['extra-index', 'digest'],
    ],
    [
      'that was copied to another id',
      (s) => void s.rows.push({ ...rowOf(s, zoe), id: filled(16, 9) }),
      ['secret', 'row', 'digest'],
    ],
    [
      'with a secret that it must not have',
      (s) => void s.rows.splice(1, 1, withSecret(s.rows[1] as StoredRow)),
      ['secret', 'digest'],
    ],
  ]
  test.each(cases)('%s', async (_, change, words) => {
    const { report, ...found } = await verify(change)
    expect(found.words).toEqual(words)
    expect(report.faultCount).toBe(words.length)
    expect(found.second).toEqual(words.includes('digest') ? ['digest'] : [])
  })

  // No second opinion here: it checks only the collections that it knows.
  test('of an unknown collection', async () => {
    const { words } = await verify((s) => void s.rows.push({ ...rowOf(s, zoe), collection: 'constructor' }))
    expect(words).toEqual(['foreign-row', 'digest'])
  })

  test('and names its collection and id', async () => {
    const { report } = await verify((state) => put(state, zoe, { secret: rowOf(state, max).secret }))
    expect(report.faults[0]?.message).toBe(
      `the secret of device ${zoe.device.deviceId} does not open: it was changed, or is another's`,
    )
  })

  test('that was sealed with the right keys but is no record of its collection', async () => {
    const sealer = createSealer(made.keyring, made.storeId, made.options.random)
    const empty = sealer.sealListed('user', filled(16, 3), {})
    const row = { collection: 'user', id: filled(16, 3), generation: 1, listed: empty, secret: null }
    expect((await verify((state) => void state.rows.push(row))).words).toEqual(['row', 'digest'])
  })
})

describe('verifying finds a blind index, which the digest does not cover,', () => {
  const remove = (state: StoreState) => void state.indexes.splice(state.indexes.indexOf(indexOf(state, zoe)), 1)
  const cases: [string, (state: StoreState) => void, string[]][] = [
    ['that was deleted', remove, ['missing-index']],
    [
      'that points to another row',
      (s) => void s.indexes.splice(s.indexes.indexOf(indexOf(s, zoe)), 1, { ...indexOf(s, zoe), id: idOf(max) }),
      ['extra-index', 'missing-index'],
    ],
    [
      'that also points to another row',
      (s) => void s.indexes.push({ ...indexOf(s, zoe), id: idOf(max) }),
      ['extra-index'],
    ],
    ['of another value', (s) => void s.indexes.push({ ...indexOf(s, zoe), value: filled(16, 1) }), ['extra-index']],
    ['of another name', (s) => void s.indexes.push({ ...indexOf(s, zoe), name: 'user' }), ['extra-index']],
    ['that points to no row', (s) => void s.indexes.push({ ...indexOf(s, zoe), id: filled(16, 9) }), ['extra-index']],
    [
      'in a collection that has none',
      (s) => void s.indexes.push({ ...indexOf(s, zoe), collection: 'roster' }),
      ['extra-index'],
    ],
  ]
  test.each(cases)('%s', async (_, change, words) => {
    const found = await verify(change)
    expect(found.words).toEqual(words)
    expect(found.second).toEqual([])
  })

  test('and says which device cannot be found by its tag', async () => {
    const { report } = await verify(remove)
    expect(report.faults[0]?.message).toBe(
      `device ${zoe.device.deviceId} cannot be found by its tag: the index is missing`,
    )
  })
})

test('verifying finds two devices with one tag, although no index is missing', async () => {
  const twice = await createMemoryDesk({ seed: 'twice' })
  for (const name of ['a', 'b']) await inviteDevice(twice.desk, twice.options.random, 5, { name })
  const { faults } = await verifyStore(twice.desk, () => undefined)
  expect(faults.map(({ what }) => what)).toEqual(['doubled'])
})

test('a broken chain is reported together with the other faults', async () => {
  const { words, second } = await verify((state) => {
    state.entries = state.entries.toSpliced(1, 1)
    put(state, zoe, before)
  })
  expect(words).toEqual(['digest', 'entry-missing'])
  expect(second).toContain('digest')
})

describe('without the key of the section secrets', () => {
  test('verifying says how many secrets were not opened, and finds no fault', async () => {
    const { report } = await verify(() => undefined, false)
    expect(report).toMatchObject({ faultCount: 0, secrets: 0, secretsNotOpened: 2 })
  })

  test('the digest still reveals a secret that was exchanged', async () => {
    const { words } = await verify((state) => put(state, zoe, { secret: rowOf(state, max).secret }), false)
    expect(words).toEqual(['digest'])
  })
})

test('of many faults the first twenty are reported, and all are counted', async () => {
  const { report } = await verify((state) => {
    for (let i = 0; i < 50; i++) state.indexes.push({ ...indexOf(state, zoe), value: filled(16, i) })
  })
  expect(report.faults).toHaveLength(20)
  expect(report.faultCount).toBe(50)
})

describe('in a file', () => {
  async function createWhole() {
    const founder = await createFileStore()
    const engine = founder.connect()
    const desk = await openDesk(engine, founder.keys, founder.options)
    const invited = await inviteDevice(desk, founder.options.random, 5)
    await engine.close()
    return { founder, invited }
  }
  type Whole = Awaited<ReturnType<typeof createWhole>>

  async function verifyFile({ founder }: Whole): Promise<string[]> {
    const engine = founder.connect()
    try {
      const desk = await openDesk(engine, founder.keys, founder.options)
      return (await verifyStore(desk, () => undefined)).faults.map(({ what }) => what)
    } finally {
      await engine.close()
    }
  }

  test('a new store has no fault, and its information is right', async () => {
    const whole = await createWhole()
    expect(await verifyFile(whole)).toEqual([])
    const engine = whole.founder.connect()
    const info = await readStoreInfo(await openDesk(engine, whole.founder.keys, whole.founder.options))
    await engine.close()
    expect(info).toEqual({
      place: whole.founder.path,
      format: 1,
      bytes: readFileSync(whole.founder.path).length,
      storeId: encodeHex(whole.founder.storeId),
      organisation: 'Röntgen AG',
      devices: { invited: 1, active: 0, blocked: 0, retired: 0 },
      users: 1,
      operators: 1,
      entries: 2,
      generation: 1,
      newestEntry: { seq: 2, at: MONDAY_MS },
    })
  })

  test('a flipped bit in each copy of an id in the file is found, one of them by SQLite itself', async () => {
    const whole = await createWhole()
    const bytes = readFileSync(whole.founder.path)
    const id = hex(whole.invited.device.deviceId)
    const found: string[][] = []
    for (let at = bytes.indexOf(id); at !== -1; at = bytes.indexOf(id, at + 1)) {
      writeFileSync(whole.founder.path, flipBit(bytes, at, 3))
      found.push(await verifyFile(whole))
    }
    // The id is in the table, in the table's own index of ids, and in the blind index.
    expect(found).toHaveLength(3)
    expect(found.every((words) => words.length > 0)).toBe(true)
    expect(found.flat()).toContain('file')
  })

  test('a row that cannot be read is a fault, and the audit log is still verified', async () => {
    const whole = await createWhole()
    tamper(whole.founder.path, "UPDATE record SET id = x'00' WHERE collection = 'user'")
    tamper(whole.founder.path, "UPDATE entry SET body = x'00' WHERE seq = 2")
    tamper(whole.founder.path, "UPDATE record SET listed = x'00' WHERE collection = 'device'")
    expect(await verifyFile(whole)).toEqual(['unreadable', 'row', 'entry-changed'])
  })

  test('an index that cannot be read is a fault', async () => {
    const whole = await createWhole()
    tamper(whole.founder.path, "UPDATE blind SET value = x'00' WHERE name = 'tag'")
    expect(await verifyFile(whole)).toEqual(['unreadable'])
  })
})
