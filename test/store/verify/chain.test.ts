/**
 * Tests verifying the audit log, with one defect a test.
 * - The attacker has the file, and in some tests also a key. Each defect is found and named.
 * - The independent verifier of `verifying.ts` gives a second opinion.
 */

import { beforeAll, describe, expect, test } from 'vitest'
import { type ChainedEntry, chainEntry, coverEntry, genesisHash, isCovered } from '../../../src/crypto/audit-chain.ts'
import { encodeHex } from '../../../src/crypto/bytes.ts'
import type { Checkpoint } from '../../../src/crypto/checkpoint.ts'
import { allow, type Decision, refuse } from '../../../src/desk/decision.ts'
import { decideBlock } from '../../../src/desk/device/decide.ts'
import type { Device, Operator } from '../../../src/desk/records/index.ts'
import { type Decide, type Desk, openDesk } from '../../../src/store/desk.ts'
import { drawOperatorKeys, type OperatorKeys, publicKeysOf } from '../../../src/store/keyring.ts'
import { createSealer, entryId } from '../../../src/store/sealer.ts'
import { verifyChain } from '../../../src/store/verify/chain.ts'
import { verifyStore } from '../../../src/store/verify/store.ts'
import { flipBit } from '../../crypto/fixtures.ts'
import { MONDAY_MS } from '../../fake-context.ts'
import { createFileStore, createMemoryDesk, inviteDevice, type MemoryDesk, seededRandom, tamper } from '../fixtures.ts'
import { copyStore } from '../memory-engine.ts'
import { findFaults } from './verifying.ts'

const bobKeys = drawOperatorKeys(seededRandom('bob'))
const strangerKeys = drawOperatorKeys(seededRandom('stranger'))

let made: MemoryDesk
/** The desk has six entries: store.init, bob, and four devices. */
beforeAll(async () => {
  made = await createMemoryDesk()
  const operatorId = encodeHex(bobKeys.operatorId)
  const bob: Operator = { operatorId, name: 'bob', role: 'admin', ...publicKeysOf(bobKeys), addedAt: MONDAY_MS }
  await act(made.desk, bob)
  for (const tag of [1, 2, 3, 4]) await inviteDevice(made.desk, made.options.random, tag)
})

const act = (desk: Desk, bob: Operator) =>
  desk.commit(async () =>
    allow({ action: 'operator.add', subject: null, details: {} }, [{ put: 'operator', record: bob }], null),
  )

/** Changes the entries of a copy, and returns the result of verifying it and the second opinion. */
async function verify(change: (entries: ChainedEntry[]) => ChainedEntry[], checkpoints: readonly Checkpoint[] = []) {
  const copy = copyStore(made.store)
  copy.state.entries = change(copy.state.entries)
  const desk = await openDesk(copy.connect(), made.keys, made.options, { opened: made.desk.opened })
  const { fault, newest } = await verifyChain(desk, checkpoints, () => undefined)
  const second = (await findFaults(copy.connect(), made)).find((one) => one.startsWith('entry'))
  return {
    fault: fault === null ? null : [fault.what, fault.seq],
    message: fault?.message,
    newest: newest?.seq,
    second,
  }
}

const at = (entries: readonly ChainedEntry[], seq: number) => entries[seq - 1] as ChainedEntry
const replace = (entries: ChainedEntry[], seq: number, change: Partial<ChainedEntry>) =>
  entries.with(seq - 1, { ...at(entries, seq), ...change })

/** The changed entry, with a new hash for its place in the chain and a new signature. */
const resign = (entries: ChainedEntry[], seq: number, keys: OperatorKeys, change: Partial<ChainedEntry>) =>
  chainEntry(keys.signingSeed, made.storeId, at(entries, seq - 1).hash, { ...at(entries, seq), ...change })

/** Rewrites all entries from `from` on, as an attacker who has every key: the chain verifies. */
function rewrite(entries: ChainedEntry[], from: number): ChainedEntry[] {
  const sealer = createSealer(made.keyring, made.storeId, made.options.random)
  let last = from === 1 ? { hash: genesisHash(made.storeId) } : at(entries, from - 1)
  const rest = entries.slice(from - 1).map((entry) => {
    const body = sealer.sealListed('entry', entryId(entry.seq), { action: 'x', at: MONDAY_MS, operator: 'anna' })
    const written = chainEntry(made.keys.signingSeed, made.storeId, last.hash, { ...entry, body })
    last = written
    return written
  })
  return [...entries.slice(0, from - 1), ...rest]
}

test('an unchanged audit log verifies to its end', async () => {
  expect(await verify((entries) => entries)).toEqual({ fault: null, newest: 6, second: undefined })
})

describe('verifying the chain finds, as the second opinion does:', () => {
  type Change = (entries: ChainedEntry[]) => ChainedEntry[]
  const defects: [string, Change, string, number, RegExp][] = [
    [
      'an entry whose body was edited',
      (e) => replace(e, 3, { body: flipBit(at(e, 3).body, 30) }),
      'changed',
      3,
      /entry 3 was changed, or does not follow entry 2/,
    ],
    [
      'an entry whose digest was edited',
      (e) => replace(e, 6, { digest: flipBit(at(e, 6).digest, 0) }),
      'changed',
      6,
      /changed/,
    ],
    [
      'an entry that names another operator',
      (e) => replace(e, 3, { operatorId: bobKeys.operatorId }),
      'changed',
      3,
      /changed/,
    ],
    [
      'a first entry that was edited',
      (e) => replace(e, 1, { generation: 2 }),
      'changed',
      1,
      /does not follow the beginning/,
    ],
    ['an entry deleted in the middle', (e) => e.toSpliced(2, 1), 'missing', 3, /^entry 3 is missing$/],
    ['two entries deleted in the middle', (e) => e.toSpliced(2, 2), 'missing', 3, /^entries 3 to 4 are missing$/],
    ['the first entry deleted', (e) => e.slice(1), 'missing', 1, /^entry 1 is missing$/],
    [
      'an entry deleted, and the later ones renumbered',
      (e) => e.toSpliced(2, 1).map((one, i) => ({ ...one, seq: i + 1 })),
      'changed',
      3,
      /changed/,
    ],
    [
      'two entries that changed places',
      (e) => e.with(2, { ...at(e, 4), seq: 3 }).with(3, { ...at(e, 3), seq: 4 }),
      'changed',
      3,
      /changed/,
    ],
    ['two entries in the wrong order', (e) => e.with(2, at(e, 4)).with(3, at(e, 3)), 'missing', 3, /missing/],
    ['an entry that occurs twice', (e) => e.toSpliced(3, 0, at(e, 3)), 'doubled', 3, /^entry 3 is there twice$/],
    ['an entry appended again', (e) => [...e, { ...at(e, 3), seq: 7 }], 'changed', 7, /changed/],
    [
      'an entry signed again by another operator',
      (e) => replace(e, 3, { signature: resign(e, 3, bobKeys, {}).signature }),
      'unsigned',
      3,
      /entry 3 was not signed by anna/,
    ],
    [
      'an entry with the signature of another',
      (e) => replace(e, 3, { signature: at(e, 4).signature }),
      'unsigned',
      3,
      /not signed by anna/,
    ],
    [
      'an entry by a stranger',
      (e) => [
        ...e,
        resign([...e, { ...at(e, 6), seq: 7 }], 7, strangerKeys, { seq: 7, operatorId: strangerKeys.operatorId }),
      ],
      'unknown-operator',
      7,
      /entry 7 is by nobody/,
    ],
  ]
  test.each(defects)('%s', async (_, change, what, seq, message) => {
    const found = await verify(change)
    expect(found).toMatchObject({
      fault: [what, seq],
      newest: [undefined, 1, 2, 3, 4, 5, 6][what === 'doubled' ? seq : seq - 1],
    })
    expect(found.message).toMatch(message)
    expect(found.second).toMatch(/^entry \d+: /)
  })
})

describe('entries that the last entry of their commit covers:', () => {
  const seal = (seq: number, operator: string) =>
    createSealer(made.keyring, made.storeId, made.options.random).sealListed('entry', entryId(seq), {
      action: 'x',
      at: MONDAY_MS,
      operator,
    })
  /** Appends an entry for each of these operators: signed if the name is in capitals, otherwise covered. */
  function append(entries: ChainedEntry[], ...by: ('anna' | 'ANNA' | 'bob' | 'BOB')[]): ChainedEntry[] {
    const all = [...entries]
    for (const who of by) {
      const last = all.at(-1) as ChainedEntry
      const keys = who.toLowerCase() === 'anna' ? made.keys : bobKeys
      const body = seal(last.seq + 1, who.toLowerCase())
      const content = { seq: last.seq + 1, operatorId: keys.operatorId, generation: 1, body }
      const isSigned = who === who.toUpperCase()
      all.push(
        isSigned
          ? chainEntry(keys.signingSeed, made.storeId, last.hash, { ...content, digest: at(entries, 6).digest })
          : coverEntry(made.storeId, last.hash, content),
      )
    }
    return all
  }

  test('unchanged entries verify', async () => {
    const found = await verify((e) => append(e, 'anna', 'anna', 'ANNA', 'BOB', 'bob', 'BOB'))
    expect(found).toMatchObject({ fault: null, newest: 12 })
  })

  const cover = (e: ChainedEntry[]) => append(e, 'anna', 'anna', 'ANNA')
  test.each<[string, (entries: ChainedEntry[]) => ChainedEntry[], string, number]>([
    ['the first covered entry is edited', (e) => replace(cover(e), 7, { body: seal(7, 'bob') }), 'changed', 7],
    ['one covered entry is deleted', (e) => cover(e).toSpliced(7, 1), 'missing', 8],
    ['the covering entry is deleted', (e) => append(e, 'anna', 'anna'), 'unsigned', 7],
    ['another operator signs the covering entry', (e) => append(e, 'anna', 'anna', 'BOB'), 'unsigned', 7],
    ['an entry of another operator lies between them', (e) => append(e, 'anna', 'bob', 'ANNA'), 'unsigned', 7],
    ['a covered entry names another operator than the covering one', (e) => append(e, 'bob', 'ANNA'), 'unsigned', 7],
    ['the last entry has no signature', (e) => replace(cover(e), 9, { signature: new Uint8Array(0) }), 'changed', 9],
    [
      'the last entry has the signature of another entry',
      (e) => replace(cover(e), 9, { signature: at(e, 6).signature }),
      'unsigned',
      9,
    ],
    [
      'a signed entry is turned into a covered one',
      (e) => replace(cover(e), 6, { signature: new Uint8Array(0), digest: new Uint8Array(0) }),
      'changed',
      6,
    ],
  ])('verifying finds a fault if %s', async (_, change, what, seq) => {
    const found = await verify(change)
    expect(found).toMatchObject({ fault: [what, seq], newest: what === 'changed' && seq === 6 ? 5 : 6 })
  })

  test('verifying finds a signed entry without a digest', async () => {
    const bare = (e: ChainedEntry[]) => {
      const content = { seq: 7, operatorId: made.keys.operatorId, generation: 1, body: seal(7, 'anna') }
      return [
        ...e,
        chainEntry(made.keys.signingSeed, made.storeId, at(e, 6).hash, { ...content, digest: new Uint8Array(0) }),
      ]
    }
    expect(await verify(bare)).toMatchObject({ fault: ['changed', 7], newest: 6 })
  })

  test('verifying finds a covered entry whose body names another operator than its signer', async () => {
    const forged = (e: ChainedEntry[]) => {
      const last = at(e, 6)
      const content = { seq: 7, operatorId: bobKeys.operatorId, generation: 1, body: seal(7, 'anna') }
      return append([...e, coverEntry(made.storeId, last.hash, content)], 'BOB')
    }
    expect(await verify(forged)).toMatchObject({ fault: ['other-operator', 7], newest: 6 })
  })

  test('a commit of many decisions writes such entries, and each decision sees the changes before it', async () => {
    const store = copyStore(made.store)
    const desk = await openDesk(store.connect(), made.keys, made.options)
    const entry = (n: number) => ({ action: `x.${n}`, subject: null, details: {} })
    const block: Decide<string> = async (records, now) => {
      const device = await records.deviceByTag(1)
      return decideBlock(device as Device, 'twice', { now, operator: desk.me }) as Decision<never>
    }
    const settled = await desk.commitEach<string>([
      async () => allow(entry(1), [], 'one'),
      block,
      async () => refuse(entry(2), { kind: 'refused', reason: 'because', message: 'no' }),
      async (records) => allow(entry(3), [], ((await records.deviceByTag(1)) as Device).state),
    ])
    expect(settled.map(({ seq }) => seq)).toEqual([7, 8, 9, 10])
    expect(settled.map(({ decision }) => ('refusal' in decision ? decision.refusal.reason : 'ok'))).toEqual([
      'ok',
      'ok',
      'because',
      'ok',
    ])
    expect(settled.at(-1)?.decision).toMatchObject({ answer: 'blocked' })
    const { entries } = store.state
    expect(entries.slice(-4).map(isCovered)).toEqual([true, true, true, false])
    expect(await findFaults(store.connect(), made)).toEqual([])
    expect((await verifyStore(desk, () => undefined)).faults).toEqual([])
    expect(await desk.commitEach([])).toEqual([])
    expect(store.state.entries).toHaveLength(10)
  })
})

describe('verifying opens the bodies of entries, and finds what the chain alone does not show:', () => {
  const append = (entries: ChainedEntry[], keys: OperatorKeys, body: Uint8Array) => {
    const content = { ...at(entries, 6), seq: 7, operatorId: keys.operatorId, body }
    return [...entries, chainEntry(keys.signingSeed, made.storeId, at(entries, 6).hash, content)]
  }
  const seal = (content: object) =>
    createSealer(made.keyring, made.storeId, made.options.random).sealListed('entry', entryId(7), content)

  test.each([
    ['an entry with the body of another', 'unopened', (e: ChainedEntry[]) => append(e, made.keys, at(e, 3).body)],
    ['a body that nobody can open', 'unopened', (e: ChainedEntry[]) => append(e, made.keys, new Uint8Array(80))],
    ['a body that lacks a time', 'unopened', (e: ChainedEntry[]) => append(e, made.keys, seal({ operator: 'anna' }))],
    [
      'a body of a generation that has no keys',
      'unopened',
      (e: ChainedEntry[]) => [...e, resign([...e, { ...at(e, 6), seq: 7 }], 7, made.keys, { generation: 9 })],
    ],
    [
      'an operator who writes as another',
      'other-operator',
      (e: ChainedEntry[]) => append(e, bobKeys, seal({ at: MONDAY_MS, operator: 'anna' })),
    ],
  ] as const)('%s', async (_, what, change) => {
    expect(await verify(change)).toMatchObject({ fault: [what, 7], newest: 6, second: undefined })
  })

  test('the message names both the signer and the operator in the body', async () => {
    const { message } = await verify((e) => append(e, bobKeys, seal({ at: MONDAY_MS, operator: 'anna' })))
    expect(message).toBe('entry 7 was signed by bob and names anna')
  })
})

describe('against a checkpoint', () => {
  const checkpointOf = (seq: number): Checkpoint => ({ seq, hash: at(made.store.state.entries, seq).hash })

  test('the audit log that it was made of verifies, with later entries too', async () => {
    expect(await verify((e) => e, [checkpointOf(6), checkpointOf(3)])).toMatchObject({ fault: null, newest: 6 })
  })

  test('verifying finds that the newest entries were cut off, which it does not find without one', async () => {
    const cut = (entries: ChainedEntry[]) => entries.slice(0, 4)
    expect(await verify(cut)).toMatchObject({ fault: null, newest: 4, second: undefined })
    expect(await verify(cut, [checkpointOf(4)])).toMatchObject({ fault: null })
    const found = await verify(cut, [checkpointOf(4), checkpointOf(6)])
    expect(found).toMatchObject({ fault: ['cut-off', 5], newest: 4, second: undefined })
    expect(found.message).toMatch(/ends with entry 4, and a checkpoint was made of entry 6/)
  })

  test('verifying finds that one entry was cut off', async () => {
    const found = await verify((entries) => entries.slice(0, 5), [checkpointOf(6)])
    expect(found).toMatchObject({ fault: ['cut-off', 6], newest: 5 })
  })

  test('verifying finds a rewrite with every key, which it does not find without one', async () => {
    const anew = (entries: ChainedEntry[]) => rewrite(entries, 3)
    expect(await verify(anew)).toMatchObject({ fault: null, newest: 6, second: undefined })
    expect(await verify(anew, [checkpointOf(2)])).toMatchObject({ fault: null })
    expect(await verify(anew, [checkpointOf(2), checkpointOf(5)])).toMatchObject({ fault: ['other-history', 5] })
  })

  test('a fault of the chain itself is reported first', async () => {
    const found = await verify((e) => e.toSpliced(1, 1), [{ seq: 6, hash: new Uint8Array(32) }])
    expect(found.fault).toEqual(['missing', 2])
  })
})

test('in an empty audit log, verifying misses the first entry', async () => {
  expect(await verify(() => [])).toMatchObject({ fault: ['missing', 1], newest: undefined })
})

test('a clock that was set back is reported, but is no fault', async () => {
  const { desk, options, store, keys } = await createMemoryDesk()
  for (const [tag, nowMs] of [MONDAY_MS + 60_000, MONDAY_MS + 20_000, MONDAY_MS + 20_000, MONDAY_MS].entries()) {
    options.nowMs = nowMs
    await inviteDevice(desk, options.random, tag)
  }
  const { fault, clockBack } = await verifyChain(await openDesk(store.connect(), keys, options), [], () => undefined)
  expect(fault).toBeNull()
  expect(clockBack).toEqual([
    { seq: 3, byMs: 40_000 },
    { seq: 5, byMs: 20_000 },
  ])
})

describe('an audit log of several batches', () => {
  const LENGTH = 1_203
  let long: MemoryDesk
  beforeAll(async () => {
    long = await createMemoryDesk()
    const sealer = createSealer(long.keyring, long.storeId, long.options.random)
    const { entries } = long.store.state
    for (let seq = 2; seq <= LENGTH; seq++) {
      const last = entries.at(-1) as ChainedEntry
      const body = sealer.sealListed('entry', entryId(seq), { action: 'x', at: MONDAY_MS, operator: 'anna' })
      entries.push(chainEntry(long.keys.signingSeed, long.storeId, last.hash, { ...last, seq, body }))
    }
  })

  test.each([1, 499, 500, 501, 502, 1_000, 1_001, LENGTH])(
    'verifies up to its fault in entry %i, and reports the progress',
    async (seq) => {
      const copy = copyStore(long.store)
      const { entries } = copy.state
      entries[seq - 1] = { ...at(entries, seq), signature: flipBit(at(entries, seq).signature, 9) }
      const desk = await openDesk(copy.connect(), long.keys, long.options, { opened: long.desk.opened })
      const shown: [number, number][] = []
      const { fault } = await verifyChain(desk, [], (...progress) => void shown.push(progress))
      expect(fault).toMatchObject({ what: 'unsigned', seq })
      expect(shown.at(-1)).toEqual([seq - 1, LENGTH])
    },
  )

  test('lets others commit while it is verified: no snapshot stays open between two batches', async () => {
    const copy = copyStore(long.store)
    const desk = await openDesk(copy.connect(), long.keys, long.options, { opened: long.desk.opened })
    const other = await openDesk(copy.connect(50), long.keys, long.options, { opened: long.desk.opened })
    const commits: Promise<unknown>[] = []
    const { fault, newest } = await verifyChain(desk, [], () => {
      if (commits.length < 2) commits.push(inviteDevice(other, long.options.random, 70 + commits.length))
    })
    await Promise.all(commits)
    expect(fault).toBeNull()
    expect(newest?.seq).toBeGreaterThan(LENGTH)
  })
})

describe('in a file', () => {
  test.each([
    ['hash', "UPDATE entry SET hash = x'00' WHERE seq = 3"],
    ['operator', "UPDATE entry SET operator = x'00' WHERE seq = 3"],
    ['generation', 'UPDATE entry SET generation = -1 WHERE seq = 3'],
  ])('an entry whose %s cannot be read is reported by its number', async (_, sql) => {
    const founder = await createFileStore()
    const engine = founder.connect()
    const desk = await openDesk(engine, founder.keys, founder.options)
    for (const tag of [1, 2, 3]) await inviteDevice(desk, founder.options.random, tag)
    tamper(founder.path, sql)
    const { fault, newest } = await verifyChain(desk, [], () => undefined)
    expect(fault).toMatchObject({ what: 'unreadable', seq: 3 })
    expect(newest?.seq).toBe(2)
    await engine.close()
  })
})
