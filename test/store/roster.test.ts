/**
 * Tests the roster in the store.
 * - An added operator can open the desk, and a removed one cannot.
 * - A store with a tampered roster does not open.
 * - A roster that is already known is not read again unless it changed.
 */
import { describe, expect, test } from 'vitest'
import { encodeHex } from '../../src/crypto/bytes.ts'
import { decideAddOperator, decideRekey, decideRemoveOperator } from '../../src/desk/operator.ts'
import type { Operator } from '../../src/desk/records/index.ts'
import { openDesk } from '../../src/store/desk.ts'
import { drawOperatorKeys, drawSectionKeys, type OperatorKeys, publicKeysOf } from '../../src/store/keyring.ts'
import { readRoster } from '../../src/store/roster.ts'
import { createSealer } from '../../src/store/sealer.ts'
import { verifyStore } from '../../src/store/verify/store.ts'
import { flipBit } from '../crypto/fixtures.ts'
import { createMemoryDesk, expectRefusal, inviteDevice, type MemoryDesk, seededRandom } from './fixtures.ts'
import { copyStore, type StoreState } from './memory-engine.ts'
import { findFaults } from './verify/verifying.ts'

type Added = { readonly made: MemoryDesk; readonly bobKeys: OperatorKeys; readonly bob: Operator }

/** Creates a desk to which anna has added bob. */
async function createWithBob(): Promise<Added> {
  const made = await createMemoryDesk()
  const bobKeys = drawOperatorKeys(seededRandom('bob'))
  const bob: Operator = {
    operatorId: encodeHex(bobKeys.operatorId),
    name: 'bob',
    role: 'helpdesk',
    ...publicKeysOf(bobKeys),
    addedAt: 0,
  }
  await made.desk.commit(async ({ roster }, now) => decideAddOperator(roster, bob, { now, operator: made.me }))
  return { made, bobKeys, bob }
}
const openAs = ({ made }: Added, keys: OperatorKeys, known = {}) =>
  openDesk(made.store.connect(), keys, made.options, known)
const statements = (state: StoreState) => state.rows.filter(({ collection }) => collection === 'roster')

test('an added operator opens the desk with the sections of their role, and signs their entries', async () => {
  const added = await createWithBob()
  const desk = await openAs(added, added.bobKeys)
  expect(desk.me).toEqual({ ...added.bob, removedAt: null })
  expect(Object.keys(desk.opened.keyring)).toEqual(['directory', 'secrets'])
  await inviteDevice(desk, added.made.options.random, 5)
  expect(await findFaults(added.made.store.connect(), added.made)).toEqual([])
})

test('a removed operator cannot open the desk, and cannot read rows of the new keys', async () => {
  const added = await createWithBob()
  const { made, bobKeys, bob } = added
  const before = await openAs(added, bobKeys)
  const fresh = drawSectionKeys(made.options.random)
  await (await openAs(added, made.keys)).commit(async ({ roster }, now) => {
    const member = roster.members.find(({ operatorId }) => operatorId === bob.operatorId)
    return decideRemoveOperator(roster, member as (typeof roster.members)[number], fresh, { now, operator: made.me })
  })
  await expectRefusal('refused', 'not-an-operator', () => openAs(added, bobKeys))
  await expectRefusal('refused', 'not-an-operator', () => openAs(added, bobKeys, { opened: before.opened }))
  await expectRefusal('refused', 'not-an-operator', () => inviteDevice(before, made.options.random, 6))
  // bob still has the file and his old keys: they open no row.
  const sealer = createSealer(before.opened.keyring, made.storeId, made.options.random)
  const readable = made.store.state.rows.filter(({ collection }) => collection !== 'keyring')
  for (const row of readable) expect(() => sealer.openListed(row.collection, row)).toThrow('unknown key')
  const last = made.store.state.entries.at(-1)
  expect(last?.generation).toBe(2)
  // The entries that bob signed still verify.
  expect((await verifyStore(await openAs(added, made.keys), () => undefined)).faults).toEqual([])
})

describe('a tampered roster', () => {
  const cases: [string, (state: StoreState) => unknown][] = [
    ['its last statement deleted', (s) => void s.rows.splice(s.rows.indexOf(statements(s)[1] as never), 1)],
    ['its first statement deleted', (s) => void s.rows.splice(s.rows.indexOf(statements(s)[0] as never), 1)],
    [
      'all of it deleted',
      (s) => Object.assign(s, { rows: s.rows.filter(({ collection }) => collection !== 'roster') }),
    ],
    [
      'its statements exchanged',
      (s) => {
        const [a, b] = statements(s) as [StoreState['rows'][number], StoreState['rows'][number]]
        s.rows[s.rows.indexOf(a)] = { ...b, id: a.id }
        s.rows[s.rows.indexOf(b)] = { ...a, id: b.id }
      },
    ],
    [
      'one byte of it changed',
      (s) => {
        const [a] = statements(s) as [StoreState['rows'][number]]
        s.rows[s.rows.indexOf(a)] = { ...a, listed: flipBit(a.listed, 80) }
      },
    ],
  ]
  test.each(cases)('(%s) does not let the added operator open the desk', async (_, change) => {
    const added = await createWithBob()
    const copy = copyStore(added.made.store)
    change(copy.state)
    await expectRefusal('damaged', 'damaged-record', () => openDesk(copy.connect(), added.bobKeys, added.made.options))
  })

  test('(a statement after a gap) is found by verifying, even if the roster was already known', async () => {
    const added = await createWithBob()
    const desk = await openAs(added, added.made.keys)
    const copy = copyStore(added.made.store)
    const last = statements(copy.state).at(-1) as StoreState['rows'][number]
    copy.state.rows.push({ ...last, id: last.id.map((byte, i) => (i === 15 ? byte + 5 : byte)) })
    const known = { opened: desk.opened, roster: desk.roster }
    const again = await openDesk(copy.connect(), added.made.keys, added.made.options, known)
    const { faults } = await verifyStore(again, () => undefined)
    expect(faults.map(({ what }) => what)).toContain('roster')
  })
})

test('a known roster is not read again until a rekey extends it and seals it under new keys', async () => {
  const added = await createWithBob()
  const { made } = added
  const engine = made.store.connect()
  const { roster, opened } = await openAs(added, made.keys)
  const read = (keyring = opened.keyring) =>
    engine.read((snapshot) => readRoster(snapshot, createSealer(keyring, made.storeId, made.options.random), roster))
  expect(await read()).toBe(roster)
  const desk = await openAs(added, made.keys)
  await desk.commit(async (_, now) => decideRekey(drawSectionKeys(made.options.random), { now, operator: made.me }))
  const after = await openAs(added, made.keys, { roster })
  expect(after.roster.roster.head.seq).toBe(3)
  expect(await read(after.opened.keyring)).not.toBe(roster)
})
