/**
 * The rollback anchor and the file of a store.
 * - Every earlier copy of the store is refused, and so is another chain.
 * - Each workstation has its own anchor, and several processes can write it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Anchor } from '../../src/desk/anchor.ts'
import { decideUnlock } from '../../src/desk/operator.ts'
import { type AnchorPort, findCommon, findNewest, requireCopyOf, requireLinks } from '../../src/store/chain-standing.ts'
import { type Desk, openDesk } from '../../src/store/desk.ts'
import { openAnchor, replaceAnchor } from '../../src/workstation/anchor.ts'
import { openWorkstation } from '../../src/workstation/config.ts'
import { systemPlaces } from '../../src/workstation/places.ts'
import { filled } from '../crypto/fixtures.ts'
import { createHome } from '../fake-context.ts'
import {
  createFileStore,
  createMemoryDesk,
  expectRefusal,
  type FileStore,
  seededRandom,
  tamper,
  uid,
} from '../store/fixtures.ts'
import { copyStore } from '../store/memory-engine.ts'
import { runChild } from '../store/processes.ts'

const COPIES = 50

/** An anchor in memory, as an agent keeps it. */
function createPort(): AnchorPort & { anchor: Anchor | null; kept: number } {
  const port = {
    anchor: null as Anchor | null,
    kept: 0,
    read: () => port.anchor,
    keep: (anchor: Anchor) => {
      port.anchor = anchor
      port.kept++
    },
  }
  return port
}

/** Opens the desk as a command does, with this anchor, and closes it again. */
async function withAnchored<T>({ connect, keys, options }: FileStore, anchor: AnchorPort, work: (desk: Desk) => T) {
  const engine = connect()
  try {
    return await work(await openDesk(engine, keys, { ...options, anchor }))
  } finally {
    await engine.close()
  }
}

const addEntry = (desk: Desk) => desk.commit(async (_, now) => decideUnlock(60, { now, operator: desk.me }))
const nothing = () => undefined

describe('an earlier copy in the store’s place', () => {
  test(`is refused, each of ${COPIES} copies; the newest copy is accepted`, async () => {
    const store = await createFileStore()
    const port = createPort()
    const copies: Buffer[] = []
    for (let i = 0; i < COPIES; i++) {
      copies.push(readFileSync(store.path))
      await withAnchored(store, port, addEntry)
    }
    const newest = readFileSync(store.path)
    const refused: unknown[] = []
    for (const [i, copy] of copies.entries()) {
      writeFileSync(store.path, copy)
      const refusal = await expectRefusal('damaged', 'older-store', () => withAnchored(store, port, nothing))
      refused.push(refusal.details?.['missing'])
      expect(refusal.details).toMatchObject({ expectedSeq: COPIES + 1, foundSeq: i + 1 })
    }
    expect(refused).toEqual(copies.map((_, i) => COPIES - i))
    writeFileSync(store.path, newest)
    await withAnchored(store, port, addEntry)
    expect(port.anchor?.seq).toBe(COPIES + 2)
  })

  test('is refused after new entries have made it as long or longer', async () => {
    const store = await createFileStore()
    const port = createPort()
    const copy = readFileSync(store.path)
    await withAnchored(store, port, addEntry)
    writeFileSync(store.path, copy)
    store.options.nowMs += 1_000
    for (let i = 0; i < 3; i++) {
      await withAnchored(store, createPort(), addEntry)
      await expectRefusal('damaged', 'forked-store', () => withAnchored(store, port, nothing))
    }
  })
})

describe('the anchor', () => {
  test('moves with every commit, even a refused one or one of others, and not without a commit', async () => {
    const store = await createFileStore()
    const [mine, theirs] = [createPort(), createPort()]
    await withAnchored(store, mine, nothing)
    expect(mine.anchor?.seq).toBe(1)
    await withAnchored(store, mine, addEntry)
    expect(mine).toMatchObject({ anchor: { seq: 2 }, kept: 2 })
    await withAnchored(store, mine, nothing)
    expect(mine.kept).toBe(2)
    await withAnchored(store, theirs, addEntry)
    expect(theirs.anchor?.seq).toBe(3)
    await withAnchored(store, mine, nothing)
    expect(mine.anchor).toEqual(theirs.anchor)
    const refusal = { kind: 'refused', reason: 'no', message: 'no' } as const
    const entry = { action: 'a.b', subject: null, outcome: 'no', details: {} }
    const refuse = (desk: Desk) => desk.commit(async () => ({ changes: [], entry, refusal }))
    await expectRefusal('refused', 'no', () => withAnchored(store, mine, refuse))
    expect(mine.anchor?.seq).toBe(4)
  })

  test('is not moved by an entry that no operator signed', async () => {
    const store = await createFileStore()
    const port = createPort()
    await withAnchored(store, port, addEntry)
    const before = port.anchor
    tamper(
      store.path,
      'INSERT INTO entry SELECT 3, operator, generation, digest, body, hash, signature FROM entry WHERE seq = 2',
    )
    await expectRefusal('damaged', 'damaged-record', () => withAnchored(store, port, nothing))
    expect(port.anchor).toEqual(before)
  })

  test('is read before the store, so that a commit in between is not taken for a fork', async () => {
    const store = await createFileStore()
    const port = createPort()
    await withAnchored(store, port, addEntry)
    const slow = {
      ...port,
      read: async () => {
        const anchor = port.anchor
        await withAnchored(store, createPort(), addEntry)
        return anchor
      },
    }
    await withAnchored(store, slow, nothing)
  })
})

describe('two workstations', () => {
  test('each know only the entries that they have seen', async () => {
    const store = await createFileStore()
    const [mine, theirs] = [createPort(), createPort()]
    await withAnchored(store, mine, nothing)
    await withAnchored(store, theirs, addEntry)
    const between = readFileSync(store.path)
    await withAnchored(store, theirs, addEntry)
    writeFileSync(store.path, between)
    await expectRefusal('damaged', 'older-store', () => withAnchored(store, theirs, nothing))
    // This workstation never saw the lost entry, so it finds nothing missing.
    await withAnchored(store, mine, addEntry)
    await expectRefusal('damaged', 'forked-store', () => withAnchored(store, theirs, nothing))
  })
})

describe('in the workstation’s config', () => {
  const random = seededRandom('anchor')
  const STORE = 'ab'.repeat(16)
  const createPlaces = () => systemPlaces('linux', { HOME: createHome() }, uid)
  const at = (seq: number, mark = 0): Anchor => ({ seq, hash: Buffer.from(filled(32, seq + mark)).toString('hex') })

  test('there is an anchor only after one was kept, one for each store, and the rest of the config stays', async () => {
    const places = createPlaces()
    const port = openAnchor(places, random, STORE)
    expect(await port.read()).toBeNull()
    const workstation = await openWorkstation(places, random)
    await workstation.update((config) => ({ ...config, defaultStore: '/srv/desk' }))
    expect(await port.read()).toBeNull()
    await port.keep(at(3))
    await openAnchor(places, random, 'cd'.repeat(16)).keep(at(9))
    expect(await port.read()).toEqual(at(3))
    expect(workstation.read().defaultStore).toBe('/srv/desk')
  })

  test('the anchor never goes back, unless an older one was accepted', async () => {
    const places = createPlaces()
    const port = openAnchor(places, random, STORE)
    await port.keep(at(5))
    await port.keep(at(4))
    await port.keep(at(5, 100))
    expect(await port.read()).toEqual(at(5))
    await replaceAnchor(places, random, STORE, at(2))
    expect(await port.read()).toEqual(at(2))
  })

  test('the newest anchor of several processes stays, for each store separately', async () => {
    const home = createHome()
    const places = systemPlaces('linux', { HOME: home }, uid)
    const ends = await Promise.all(
      ['odd', 'even', 'alone'].map((which) => runChild(['anchors', home, STORE, which, '12'])),
    )
    expect(ends).toEqual(['ok', 'ok', 'ok'])
    expect((await openAnchor(places, random, STORE).read())?.seq).toBe(24)
    expect((await openAnchor(places, random, 'alone').read())?.seq).toBe(12)
  })

  test('an anchor that cannot be written is refused, and the old one stays', async () => {
    const places = createPlaces()
    const port = openAnchor(places, random, STORE)
    await port.keep(at(5))
    rmSync(`${places.config}/workstation.lock`)
    mkdirSync(`${places.config}/workstation.lock`)
    await expectRefusal('refused', 'not-writable', () => port.keep(at(6)))
    expect(await port.read()).toEqual(at(5))
  })
})

describe('chains', () => {
  test('share the entries up to their fork, whichever is longer', async () => {
    for (const [shared, mine, theirs] of [
      [1, 0, 0],
      [1, 3, 0],
      [4, 0, 5],
      [5, 1, 1],
      [3, 7, 2],
    ] as const) {
      const made = await createMemoryDesk()
      for (let i = 1; i < shared; i++) await addEntry(made.desk)
      const other = copyStore(made.store)
      const otherDesk = await openDesk(other.connect(), made.keys, made.options)
      for (let i = 0; i < mine; i++) await addEntry(made.desk)
      made.options.nowMs += 1_000
      for (let i = 0; i < theirs; i++) await addEntry(otherDesk)
      const common = await made.store.connect().read((a) => other.connect().read((b) => findCommon(a, b)))
      expect(common).toBe(shared)
    }
  })

  test('of two stores have nothing in common', async () => {
    const [a, b] = [await createMemoryDesk(), await createMemoryDesk({ seed: 'other' })]
    expect(await a.store.connect().read((one) => b.store.connect().read((two) => findCommon(one, two)))).toBe(0)
  })

  test('of a copy contain every entry that the original had, and may have more', async () => {
    const made = await createMemoryDesk()
    const [before, entry, after] = [await addEntry(made.desk), await addEntry(made.desk), await addEntry(made.desk)]
    const readCopy = (anchor: Anchor) => made.store.connect().read((copy) => requireCopyOf(copy, anchor))
    for (const known of [before, entry, after]) expect((await readCopy(known)).seq).toBe(after.seq)
    await expectRefusal('damaged', 'damaged-backup', () => readCopy({ seq: after.seq + 1, hash: after.hash }))
    await expectRefusal('damaged', 'damaged-backup', () => readCopy({ seq: entry.seq, hash: after.hash }))
  })

  test('are valid only if every link from the first entry to the newest is', async () => {
    const made = await createMemoryDesk()
    for (let i = 0; i < 3; i++) await addEntry(made.desk)
    const newest = await made.store.connect().read(findNewest)
    expect(await made.store.connect().read(requireLinks)).toEqual(newest)
    for (const seq of [1, 2, 3, 4]) {
      const edited = copyStore(made.store)
      const entry = edited.state.entries[seq - 1]
      if (entry !== undefined) entry.body[0] = (entry.body[0] as number) ^ 1
      await expectRefusal('damaged', 'damaged-record', () => edited.connect().read(requireLinks))
    }
    const cut = copyStore(made.store)
    cut.state.entries.splice(1, 1)
    await expectRefusal('damaged', 'damaged-record', () => cut.connect().read(requireLinks))
    const empty = copyStore(made.store)
    empty.state.entries = []
    await expectRefusal('damaged', 'damaged-record', () => empty.connect().read(requireLinks))
    await expectRefusal('damaged', 'damaged-record', () => empty.connect().read(findNewest))
  })
})
