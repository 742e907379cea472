/**
 * Tests the desk on its store.
 * - A commit writes the change and its audit entry together, and answers only when both are durable.
 * - The keys of a role open only their sections. Old keys open nothing after a rekey.
 * - The file holds no name, code or key in the clear.
 */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import type { ChainedEntry } from '../../src/crypto/audit-chain.ts'
import { encodeHex } from '../../src/crypto/bytes.ts'
import { deriveConfirmationCode, deriveResetCode } from '../../src/crypto/codes.ts'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { SECTIONS } from '../../src/crypto/section.ts'
import { allow, type Decision, refuse } from '../../src/desk/decision.ts'
import { decideBlock, decideRetire, decideUnblock } from '../../src/desk/device/decide.ts'
import { decideRekey, decideUnlock } from '../../src/desk/operator.ts'
import type { AuditEntry, Device } from '../../src/desk/records/index.ts'
import { DEFAULT_POLICY } from '../../src/desk/records/policy.ts'
import { decideConfirm } from '../../src/desk/reset/decide.ts'
import { KeydeskError } from '../../src/errors.ts'
import { type Desk, openDesk } from '../../src/store/desk.ts'
import type { Engine } from '../../src/store/engine.ts'
import {
  drawKeyring,
  drawOperatorKeys,
  drawSectionKeys,
  extendKeyring,
  type Keyring,
  sealKeyring,
} from '../../src/store/keyring.ts'
import { createSealer } from '../../src/store/sealer.ts'
import { filled, flipBit, hex } from '../crypto/fixtures.ts'
import { MONDAY_MS } from '../fake-context.ts'
import {
  createFileStore,
  createMemoryDesk,
  expectRefusal,
  inviteDevice,
  type MemoryDesk,
  seededRandom,
} from './fixtures.ts'
import { copyStore } from './memory-engine.ts'
import { findFaults } from './verify/verifying.ts'

const commitOn = ({ desk, me }: Pick<MemoryDesk, 'desk' | 'me'>) =>
  desk.commit(async () => decideUnlock(900, { now: 0, operator: me }))
const REFUSAL = { kind: 'refused', reason: 'too-late', message: 'it is too late' } as const
const ENTRY = { action: 'test.act', subject: null, details: {} }

async function readEntries(desk: Desk, after = 0): Promise<AuditEntry[]> {
  return desk.read(async (records) => {
    const entries: AuditEntry[] = []
    for await (const entry of records.entries(after)) entries.push(entry)
    return entries
  })
}

async function readDevices(desk: Desk): Promise<Device[]> {
  return desk.read(async (records) => {
    const devices: Device[] = []
    for await (const device of records.devices()) devices.push(device)
    return devices
  })
}

/** Replaces the operator's keyring row by `keyring`, sealed to the same operator. */
async function replaceKeyring({ store, keys, me, options }: MemoryDesk, keyring: Keyring): Promise<void> {
  const listed = sealKeyring(keyring, hex(me.boxKey), options.random)
  await store
    .connect()
    .commit((commit) => commit.putRow('keyring', { id: keys.operatorId, generation: 1, listed, secret: null }))
}

describe('a new desk', () => {
  test('knows its organisation and its first admin, and has one audit entry', async () => {
    const { desk, me, store, ...founder } = await createMemoryDesk()
    expect(desk.me).toEqual({ ...me, removedAt: null })
    expect(await desk.read((records) => records.organisation())).toEqual({ name: 'Röntgen AG', createdAt: MONDAY_MS })
    expect(await desk.read((records) => records.operator(me.operatorId))).toEqual(desk.me)
    const subject = { kind: 'operator', id: me.operatorId, name: 'anna', user: null }
    const details = { organisation: 'Röntgen AG' }
    expect(await readEntries(desk)).toEqual([
      { seq: 1, at: MONDAY_MS, operator: 'anna', action: 'store.init', subject, outcome: 'ok', details },
    ])
    expect(await findFaults(store.connect(), { ...founder, me })).toEqual([])
  })

  test('in a file has the same admin and one audit entry', async () => {
    const founder = await createFileStore()
    const engine = founder.connect()
    const desk = await openDesk(engine, founder.keys, founder.options)
    expect(desk.me).toEqual({ ...founder.me, removedAt: null })
    expect(await readEntries(desk)).toHaveLength(1)
    expect(await findFaults(engine, founder)).toEqual([])
    await engine.close()
  })
})

describe('opening a desk', () => {
  test('is refused for an operator without a keyring in the store', async () => {
    const { store, options } = await createMemoryDesk()
    const stranger = drawOperatorKeys(seededRandom('stranger'))
    await expectRefusal('refused', 'not-an-operator', () => openDesk(store.connect(), stranger, options))
  })

  test('throws damaged for the id of an operator with other keys', async () => {
    const { store, keys, options } = await createMemoryDesk()
    const stranger = { ...drawOperatorKeys(seededRandom('stranger')), operatorId: keys.operatorId }
    await expectRefusal('damaged', 'damaged-record', () => openDesk(store.connect(), stranger, options))
  })

  test('uses a keyring that was opened before, as long as the store still holds it', async () => {
    const made = await createMemoryDesk()
    const { store, keys, options, desk } = made
    // These keys cannot open the keyring, so success proves that the keyring opened before is used.
    const withoutBox = { ...keys, boxSecret: filled(32, 1) }
    expect((await openDesk(store.connect(), withoutBox, options, { opened: desk.opened })).me).toEqual(desk.me)
    await expectRefusal('damaged', null, () => openDesk(store.connect(), withoutBox, options))
    await replaceKeyring(made, made.keyring)
    await expectRefusal('damaged', null, () => openDesk(store.connect(), withoutBox, options, { opened: desk.opened }))
    expect((await openDesk(store.connect(), keys, options, { opened: desk.opened })).opened.sealed).not.toEqual(
      desk.opened.sealed,
    )
  })

  test.each([
    '{}',
    'null',
    '[]',
    '"text"',
    '{"directory":[]}',
    '{"directory":[[1,"short"]]}',
    '{"directory":[[0,"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]}',
    '{"directory":{"0":1}}',
    '{"directory":[null]}',
    '{"directory":7,"__proto__":{"secrets":[]}}',
    '{"other":[[1,"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]]}',
    'not json',
  ])('a keyring that holds %s does not open the desk', async (text) => {
    const { store, keys, me, options } = await createMemoryDesk()
    const { sealToOperator } = await import('../../src/crypto/seal.ts')
    const listed = sealToOperator(
      hex(me.boxKey),
      new TextEncoder().encode(text),
      options.random(32),
      options.random(24),
    )
    await store
      .connect()
      .commit((commit) => commit.putRow('keyring', { id: keys.operatorId, generation: 1, listed, secret: null }))
    const kind = text === '{}' ? 'refused' : 'damaged'
    await expectRefusal(kind, null, () => openDesk(store.connect(), keys, options))
  })

  test('throws damaged for an operator without a record of their own', async () => {
    const { store, keys, options } = await createMemoryDesk()
    store.state.rows = store.state.rows.filter(({ collection }) => collection !== 'roster')
    await expectRefusal('damaged', 'damaged-record', () => openDesk(store.connect(), keys, options))
  })
})

describe('the keys of a role', () => {
  test('without the section secrets list and block a device, but do not open its secret', async () => {
    const made = await createMemoryDesk()
    const { store, keys, options, keyring } = made
    const { device } = await inviteDevice(made.desk, options.random, 5)
    await replaceKeyring(made, { directory: keyring.directory ?? [] })
    const auditor = await openDesk(store.connect(), keys, options)
    expect(await readDevices(auditor)).toEqual([device])
    await expectRefusal('refused', 'no-section-key', () => auditor.read((records) => records.deviceSecret(device)))
    await expectRefusal('refused', 'no-section-key', () => inviteDevice(auditor, options.random, 6))
    await auditor.commit(async (_, now) => decideBlock(device, 'lost', { now, operator: auditor.me }))
    await replaceKeyring(made, keyring)
    const admin = await openDesk(store.connect(), keys, options)
    expect(await admin.read((records) => records.deviceSecret(device))).toEqual(
      await made.desk.read((records) => records.deviceSecret(device)),
    )
  })

  test('without the section directory open no desk', async () => {
    const made = await createMemoryDesk()
    await replaceKeyring(made, { secrets: made.keyring.secrets ?? [] })
    await expectRefusal('refused', 'no-section-key', () => openDesk(made.store.connect(), made.keys, made.options))
  })
})

describe('a commit', () => {
  test('returns its answer with the number, hash and time of its entry', async () => {
    const { desk, me, options } = await createMemoryDesk()
    options.nowMs += 60_000
    const committed = await desk.commit(async (_, now) => decideUnlock(900, { now, operator: me }))
    expect(committed).toEqual({
      answer: me,
      seq: 2,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: MONDAY_MS + 60_000,
    })
    const [entry] = await readEntries(desk, 1)
    expect(entry).toMatchObject({
      seq: 2,
      at: MONDAY_MS + 60_000,
      operator: 'anna',
      action: 'operator.unlock',
      outcome: 'ok',
    })
  })

  test('reads the current state before it changes it', async () => {
    const { desk, options } = await createMemoryDesk()
    const { device, secret } = await inviteDevice(desk, options.random, 5)
    await desk.commit(async (records) => {
      expect(await records.device(device.deviceId)).toEqual(device)
      expect(await records.deviceByTag(5)).toEqual(device)
      expect(await records.deviceByTag(6)).toBeNull()
      expect(await records.deviceSecret(device)).toEqual(secret)
      expect(await records.user('  ZOE@example.ch ')).toMatchObject({ name: 'zoe@example.ch' })
      expect(await records.user('zo@example.ch')).toBeNull()
      return decideBlock(device, 'lost', { now: 0, operator: desk.me })
    })
    expect(await readDevices(desk)).toEqual([{ ...device, state: 'blocked', blockedFor: 'lost' }])
  })

  test('moves the index of a changed record, and leaves no old index', async () => {
    const { desk, store, options } = await createMemoryDesk()
    const { device } = await inviteDevice(desk, options.random, 5)
    const moved = { ...device, tag: 6 }
    await desk.commit(async () => allow(ENTRY, [{ put: 'device', record: moved }], null))
    expect(await desk.read((records) => records.deviceByTag(5))).toBeNull()
    expect(await desk.read((records) => records.deviceByTag(6))).toEqual(moved)
    expect(store.state.indexes.filter(({ collection }) => collection === 'device')).toHaveLength(1)
  })

  test('scans all devices once for tags that no index finds, however many tags are checked', async () => {
    const { desk, options } = await createMemoryDesk()
    const { device } = await inviteDevice(desk, options.random, 5)
    await desk.inspect(async ({ snapshot, records: openRecords }) => {
      const records = await openRecords()
      const listRows = vi.spyOn(snapshot, 'listRows')
      for (const tag of [7, 8, 9]) await records.requireUnknownTag(tag)
      await expectRefusal('damaged', 'damaged-record', () => records.requireUnknownTag(device.tag))
      expect(listRows).toHaveBeenCalledTimes(1)
    })
  })

  test('writes a refusal to the audit log with its changed counters, and throws it', async () => {
    const { desk, options } = await createMemoryDesk()
    const { device } = await inviteDevice(desk, options.random, 5)
    const counted = { ...device, wrongCodes: { day: 1, count: 1 } }
    const thrown = await expectRefusal('refused', 'too-late', () =>
      desk.commit(async () =>
        refuse(ENTRY, { ...REFUSAL, details: { proposal: 'X' } }, [{ put: 'device', record: counted }]),
      ),
    )
    expect(thrown).toEqual({ ...REFUSAL, details: { proposal: 'X' } })
    expect(await readEntries(desk, 2)).toMatchObject([{ seq: 3, action: 'test.act', outcome: 'too-late' }])
    expect(await readDevices(desk)).toEqual([counted])
  })

  test('changes nothing if its decision throws', async () => {
    const { desk, store } = await createMemoryDesk()
    const before = structuredClone(store.state)
    await expect(desk.commit(() => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault')
    expect(store.state).toEqual(before)
  })

  test.each(['answer', 'refusal'])('that does not become durable returns no %s', async (what) => {
    const { store, keys, options } = await createMemoryDesk()
    const engine = store.connect()
    // The disk fails after all the work of the commit is done.
    const failing: Engine = {
      ...engine,
      commit: (work) =>
        engine.commit(async (commit) =>
          work(commit).then(() => Promise.reject(new KeydeskError('refused', 'disk-full', 'full'))),
        ),
    }
    const desk = await openDesk(failing, keys, options)
    const before = structuredClone(store.state)
    const decision: Decision<string> = what === 'answer' ? allow(ENTRY, [], 'the code') : refuse(ENTRY, REFUSAL)
    await expectRefusal('refused', 'disk-full', () => desk.commit(async () => decision))
    expect(store.state).toEqual(before)
  })

  test('returns its answer only when it is durable', async () => {
    const { store, keys, options } = await createMemoryDesk()
    const engine = store.connect()
    const order: string[] = []
    const slow: Engine = {
      ...engine,
      async commit(work) {
        const result = await engine.commit(work)
        await new Promise((resolve) => setTimeout(resolve, 20))
        order.push('durable')
        return result
      },
    }
    const desk = await openDesk(slow, keys, options)
    await desk.commit(async () => allow(ENTRY, [], 'the code')).then(() => order.push('answer'))
    await desk.commit(async () => refuse(ENTRY, REFUSAL)).catch(() => order.push('refusal'))
    expect(order).toEqual(['durable', 'answer', 'durable', 'refusal'])
  })

  test('that the engine runs twice is written once', async () => {
    const made = await createMemoryDesk()
    const engine = made.store.connect()
    let runs = 0
    const again: Engine = {
      ...engine,
      async commit(work) {
        const conflict = engine.commit(async (commit) => work(commit).then(() => Promise.reject(new Error('conflict'))))
        await conflict.catch(() => runs++)
        return engine.commit(work)
      },
    }
    const desk = await openDesk(again, made.keys, made.options)
    const { device, seq } = await inviteDevice(desk, made.options.random, 5)
    expect([seq, runs]).toEqual([2, 1])
    expect(await readDevices(desk)).toEqual([device])
    expect(await readEntries(desk)).toHaveLength(2)
    expect(await findFaults(engine, made)).toEqual([])
  })

  test.each([
    ['removed', null, 'not-an-operator'],
    ['given other keys', 'other', 'keys-changed'],
  ])('of an operator who was %s since they opened the desk is refused', async (_, change, reason) => {
    const made = await createMemoryDesk()
    if (change === null)
      made.store.state.rows = made.store.state.rows.filter(({ collection }) => collection !== 'keyring')
    else await replaceKeyring(made, made.keyring)
    const before = structuredClone(made.store.state)
    await expectRefusal('refused', reason, () =>
      made.desk.commit(async () => decideUnlock(900, { now: 0, operator: made.me })),
    )
    expect(made.store.state).toEqual(before)
  })

  test('cannot begin with another signing key than the roster’s, and does not block other operators', async () => {
    const made = await createMemoryDesk()
    const keys = { ...made.keys, signingSeed: filled(32, 9) }
    await expectRefusal('damaged', 'damaged-record', () => openDesk(made.store.connect(), keys, made.options))
    await made.desk.commit(async () => decideUnlock(900, { now: 0, operator: made.me }))
    expect(await findFaults(made.store.connect(), made)).toEqual([])
  })
})

describe('consulting', () => {
  const heldDesk = async () => {
    const made = await createMemoryDesk()
    const before = structuredClone(made.store.state)
    return { ...made, before }
  }
  const entry = { action: 'test', subject: null, details: {} }

  test('writes no entry for an answer that changes nothing', async () => {
    const { desk, store, before } = await heldDesk()
    expect(await desk.consult(async () => allow(entry, [], 'answer'))).toBe('answer')
    expect(store.state).toEqual(before)
  })

  test('writes a refusal to the audit log before it throws it', async () => {
    const { desk, store, before } = await heldDesk()
    const refusal = { kind: 'rejected', reason: 'no', message: 'no' } as const
    await expectRefusal('rejected', 'no', () => desk.consult(async () => refuse(entry, refusal)))
    expect(store.state.entries.length).toBe(before.entries.length + 1)
  })

  test('commits an answer that changes something', async () => {
    const { desk, me, store, before } = await heldDesk()
    await desk.consult(async () => allow(entry, [{ put: 'operator', record: me }], 'answer'))
    expect(store.state.entries.length).toBe(before.entries.length + 1)
  })
})

describe('the end of the chain', () => {
  test.each(['operatorId', 'digest', 'body', 'hash', 'signature'] as const)(
    'with a changed %s accepts no further entry',
    async (field) => {
      const made = await createMemoryDesk()
      await commitOn(made)
      const last = made.store.state.entries[1] as (typeof made.store.state.entries)[number]
      made.store.state.entries[1] = { ...last, [field]: flipBit(last[field], 3) }
      await expectRefusal('damaged', 'damaged-record', () => commitOn(made))
    },
  )

  test.each([
    ['no entries', []],
    ['its first entry missing', [1]],
    ['an entry in the middle missing', [0, 2]],
  ])('with %s accepts no further entry', async (_, kept) => {
    const made = await createMemoryDesk()
    await commitOn(made)
    await commitOn(made)
    const { entries } = made.store.state
    made.store.state.entries = kept.map((at) => entries[at] as (typeof entries)[number])
    await expectRefusal('damaged', 'damaged-record', () => commitOn(made))
  })

  test('with its last two entries exchanged accepts no further entry', async () => {
    const made = await createMemoryDesk()
    await commitOn(made)
    await commitOn(made)
    const [first, second, third] = made.store.state.entries as [ChainedEntry, ChainedEntry, ChainedEntry]
    made.store.state.entries = [first, { ...third, seq: 2 }, { ...second, seq: 3 }]
    await expectRefusal('damaged', 'damaged-record', () => commitOn(made))
  })

  test('with a changed generation or sequence accepts no further entry', async () => {
    const made = await createMemoryDesk()
    const [first] = made.store.state.entries
    for (const change of [{ generation: 2 }, { seq: 2 }]) {
      made.store.state.entries = [{ ...(first as NonNullable<typeof first>), ...change }]
      await expectRefusal('damaged', 'damaged-record', () => commitOn(made))
    }
  })
})

describe('new keys', () => {
  const openedBy = (made: MemoryDesk) => openDesk(made.store.connect(), made.keys, made.options)

  test('open every row after a rekey, and the old keys open none', async () => {
    const made = await createMemoryDesk()
    const { device, secret } = await inviteDevice(made.desk, made.options.random, 5)
    const before = structuredClone(made.store.state)
    const fresh = drawSectionKeys(seededRandom('rekey'))
    await made.desk.commit(async (_, now) => decideRekey(fresh, { now, operator: made.me }))
    const desk = await openedBy(made)
    expect(await readDevices(desk)).toEqual([device])
    expect(await desk.read((records) => records.deviceByTag(5))).toEqual(device)
    expect(await desk.read((records) => records.deviceSecret(device))).toEqual(secret)
    expect(await readEntries(desk)).toHaveLength(3)
    const founder = { ...made, keyring: desk.opened.keyring }
    expect(await findFaults(made.store.connect(), founder)).toEqual([])
    // Every box and every index has other bytes than before.
    const sealedIn = ({ rows, indexes }: typeof before) => [
      ...rows.flatMap(({ listed, secret: sealed }) => [listed, ...(sealed === null ? [] : [sealed])]),
      ...indexes.map(({ value }) => value),
    ]
    const old = new Set(sealedIn(before).map(encodeHex))
    expect(sealedIn(made.store.state).filter((bytes) => old.has(encodeHex(bytes)))).toEqual([])
    expect(made.store.state.rows.every(({ generation }) => generation === 2)).toBe(true)
    // The old keys alone open no row.
    const sealer = createSealer(made.keyring, made.storeId, made.options.random)
    for (const row of made.store.state.rows.filter(({ collection }) => collection !== 'keyring'))
      expect(() => sealer.openListed(row.collection, row)).toThrow('unknown key')
  })

  test('stop a desk that was opened before the rekey from writing', async () => {
    const made = await createMemoryDesk()
    const other = await openedBy(made)
    await made.desk.commit(async (_, now) =>
      decideRekey(drawSectionKeys(made.options.random), { now, operator: made.me }),
    )
    await expectRefusal('refused', 'keys-changed', () => commitOn({ ...made, desk: other }))
    await expectRefusal('refused', 'keys-changed', () => commitOn(made))
    await commitOn({ ...made, desk: await openedBy(made) })
  })

  test('without a signed statement do not open a desk: anyone can seal a keyring to an operator', async () => {
    const made = await createMemoryDesk()
    const slipped = extendKeyring(made.keyring, drawSectionKeys(made.options.random), 2)
    await replaceKeyring(made, slipped)
    await expectRefusal('damaged', 'damaged-record', () => openedBy(made))
    await replaceKeyring(made, drawKeyring(SECTIONS, made.options.random))
    await expectRefusal('damaged', 'damaged-record', () => openedBy(made))
    await replaceKeyring(made, made.keyring)
    expect((await openedBy(made)).me.name).toBe('anna')
  })
})

describe('any sequence of commits', () => {
  type Step = {
    readonly act: 'invite' | 'block' | 'unblock' | 'retire' | 'unlock' | 'refuse' | 'two'
    readonly which: number
  }
  const steps = fc.array(
    fc.record({
      act: fc.constantFrom('invite', 'block', 'unblock', 'retire', 'unlock', 'refuse', 'two'),
      which: fc.nat(3),
    }) as fc.Arbitrary<Step>,
    { maxLength: 25 },
  )

  function decide({ act }: Step, device: Device, made: MemoryDesk): Decision<unknown> {
    const circumstances = { now: 0, operator: made.me }
    if (act === 'block') return decideBlock(device, 'lost', circumstances)
    if (act === 'unblock') return decideUnblock(device, circumstances)
    if (act === 'retire') return decideRetire(device, circumstances)
    if (act === 'unlock') return decideUnlock(900, circumstances)
    if (act === 'refuse') return refuse(ENTRY, REFUSAL, [{ put: 'device', record: { ...device, alarmAt: 1 } }])
    // The same record twice in one commit: the last one stays, and the digest counts only that one.
    const record = { ...device, name: `${device.name}!` }
    return allow(
      ENTRY,
      [
        { put: 'device', record: { ...record, tag: device.tag + 1000 } },
        { put: 'device', record },
      ],
      null,
    )
  }

  test('leaves a store that verifies: chain, signatures, digest, indexes', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const made = await createMemoryDesk()
        const devices: string[] = []
        let entries = 1
        for (const step of sequence) {
          const id = devices[step.which % Math.max(devices.length, 1)]
          if (step.act === 'invite' || id === undefined) {
            const { device } = await inviteDevice(made.desk, made.options.random, 100 + devices.length)
            devices.push(device.deviceId)
          } else {
            const commit = made.desk.commit(async (records) => decide(step, (await records.device(id)) as Device, made))
            await commit.catch((error) => expect(error).toBeInstanceOf(KeydeskError))
          }
          entries++
        }
        expect(await findFaults(made.store.connect(), made)).toEqual([])
        expect(await readEntries(made.desk)).toHaveLength(entries)
        expect(made.store.state.indexes).toHaveLength(devices.length + Math.min(devices.length, 1))
        for (const device of await readDevices(made.desk)) {
          expect(await made.desk.read((records) => records.deviceByTag(device.tag))).toEqual(device)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('has a digest that reveals one row put back to an older state, deleted, or doubled', async () => {
    const made = await createMemoryDesk()
    const { device } = await inviteDevice(made.desk, made.options.random, 5)
    const before = copyStore(made.store)
    await made.desk.commit(async (_, now) => decideBlock(device, 'lost', { now, operator: made.me }))
    const isDevice = ({ collection }: { collection: string }) => collection === 'device'
    const old = before.state.rows.find(isDevice) as (typeof before.state.rows)[number]
    const now = made.store.state.rows
    for (const rows of [
      now.map((row) => (isDevice(row) ? old : row)),
      now.filter((row) => !isDevice(row)),
      [...now, { ...old, collection: 'user' }],
    ]) {
      const edited = copyStore(made.store)
      edited.state.rows = rows
      expect(await findFaults(edited.connect(), made)).toContain('digest')
    }
    expect(await findFaults(made.store.connect(), made)).toEqual([])
  })
})

describe('the bytes of the file', () => {
  test('hold no name, no ticket, no code and no key in the clear', async () => {
    const founder = await createFileStore()
    const engine = founder.connect()
    const desk = await openDesk(engine, founder.keys, founder.options)
    const { device, secret } = await inviteDevice(desk, founder.options.random, 5, { model: 'Nokia 3310' })
    const state = { id: hex(device.deviceId), tag: 5, epoch: 3 }
    const code = deriveResetCode(asDeviceSecret(secret), state)
    const heard = { code, corrections: [], corrected: 'nothing' } as const
    const request = { heard, namedDeviceId: null, verifiedBy: 'callback', ticket: 'HD-4711', reason: null } as const
    const { answer } = await desk.commit(async (records, now) =>
      decideConfirm({ device, secret: await records.deviceSecret(device) }, request, DEFAULT_POLICY, {
        now,
        operator: desk.me,
      }),
    )
    await engine.close()
    expect(answer.confirmationCode).toBe(deriveConfirmationCode(asDeviceSecret(secret), state))
    const bytes = readFileSync(founder.path)
    const text = bytes.toString('latin1')
    const keys = Object.values(founder.keyring)
      .flat()
      .map(({ key }) => key)
    const secretBytes = [secret, ...keys, founder.keys.boxSecret, founder.keys.signingSeed]
    for (const key of secretBytes) {
      for (const written of [
        Buffer.from(key),
        encodeHex(key),
        Buffer.from(key).toString('base64').slice(0, -2),
        Buffer.from(key).toString('base64url'),
      ]) {
        expect(bytes.includes(written)).toBe(false)
      }
    }
    const words = [
      'zoe',
      'Zoë',
      'anna',
      'ntgen',
      'HD-4711',
      'callback',
      'Nokia',
      'ios',
      'reset.confirm',
      code,
      answer.confirmationCode,
    ]
    for (const word of [...words, code.replaceAll('-', ''), answer.confirmationCode.slice(0, 5), ...answer.deskWords]) {
      expect(text.includes(Buffer.from(word).toString('latin1')), word).toBe(false)
    }
    // Visible in the clear: ids, sequences and generations, the sizes of boxes, and the names of collections.
    expect(bytes.includes(Buffer.from(hex(device.deviceId)))).toBe(true)
  })
})
