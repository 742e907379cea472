/**
 * Tests the swap, which replaces the store's file by another.
 * - There is always exactly one whole store at the path, even after a kill.
 * - A process that has the old file open neither reads nor writes it any more.
 */
import {
  copyFileSync,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { copySqlite } from '../../../src/store/backup/copy.ts'
import { nameBefore, realPlace, swapStore } from '../../../src/store/backup/swap.ts'
import { createSqlite, openSqlite } from '../../../src/store/sqlite/open.ts'
import { filled } from '../../crypto/fixtures.ts'
import { createHome } from '../../fake-context.ts'
import { untilInLine } from '../../process-state.ts'
import { expectRefusal, peek, uid } from '../fixtures.ts'
import { runChild, startChild } from '../processes.ts'

const open = (path: string) => openSqlite(path, { uid, busyTimeoutMs: 50 })

/** Creates a store with `rows` rows in a directory of its own. Returns its path. */
async function create(rows: number): Promise<string> {
  const path = join(createHome(), 'desk.keydesk')
  await createSqlite(path, filled(16, 7), (engine) =>
    engine.commit(async (commit) => {
      for (let i = 1; i <= rows; i++)
        await commit.putRow('device', { id: filled(16, i), generation: i, listed: filled(900, i), secret: null })
    }),
  )
  return path
}

async function countRows(path: string): Promise<number> {
  expect(peek(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const engine = open(path)
  try {
    return await engine.read(async (snapshot) => {
      let rows = 0
      for await (const row of snapshot.scanRows('device')) expect(row.generation).toBe(++rows)
      return rows
    })
  } finally {
    await engine.close()
  }
}

/** Writes a draft of a store with `rows` rows beside `path`. Returns the options of the swap that puts it there. */
async function prepare(path: string, rows: number) {
  const draft = `${path}.draft.new`
  copySqlite(await create(rows), draft)
  return { draft, before: nameBefore(path, '2026-03-02T09:00:00.000Z'), check: async () => undefined }
}

/** Leaves the file and its journal as a kill in the middle of a commit leaves them. */
function writeMidCommit(path: string): void {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE; UPDATE record SET listed = randomblob(9000)')
  const copies = [readFileSync(path), readFileSync(`${path}-journal`)] as const
  db.exec('ROLLBACK')
  db.close()
  writeFileSync(path, copies[0])
  writeFileSync(`${path}-journal`, copies[1], { mode: 0o600 })
  expect(copies[1][0]).toBe(0xd9)
}

const BEFORE = 'desk.keydesk.before-restore-20260302T090000Z'

describe('a swap', () => {
  test('puts the new file at the path, and keeps the old one beside it', async () => {
    const path = await create(3)
    expect(await swapStore(path, await prepare(path, 5))).toBe(join(dirname(path), BEFORE))
    expect(readdirSync(dirname(path)).sort()).toEqual(['desk.keydesk', BEFORE])
    expect([await countRows(path), await countRows(join(dirname(path), BEFORE))]).toEqual([5, 3])
    // A second swap in the same second keeps the old file under another name.
    expect(await swapStore(path, await prepare(path, 6))).toBe(`${join(dirname(path), BEFORE)}-2`)
    expect([await countRows(path), await countRows(`${join(dirname(path), BEFORE)}-2`)]).toEqual([6, 5])
  })

  test('keeps no old file if there was none', async () => {
    const path = await create(3)
    rmSync(path)
    expect(await swapStore(path, await prepare(path, 5))).toBeNull()
    expect(readdirSync(dirname(path))).toEqual(['desk.keydesk'])
    expect(await countRows(path)).toBe(5)
  })

  test('keeps an old file that is no store unchanged', async () => {
    const path = await create(3)
    writeFileSync(path, 'what is left of it')
    const before = await swapStore(path, await prepare(path, 5))
    expect(readFileSync(before as string, 'utf8')).toBe('what is left of it')
    expect(await countRows(path)).toBe(5)
  })

  test('replaces the file that a link points to, and keeps the link', async () => {
    const path = await create(3)
    const link = join(createHome(), 'desk')
    symlinkSync(path, link)
    expect(realPlace(link)).toBe(path)
    await swapStore(realPlace(link), await prepare(path, 5))
    expect(lstatSync(link).isSymbolicLink()).toBe(true)
    expect(await countRows(link)).toBe(5)
  })

  test('changes nothing if the check throws', async () => {
    const path = await create(3)
    const swap = await prepare(path, 5)
    const check = () => Promise.reject(new Error('changed'))
    await expect(swapStore(path, { ...swap, check })).rejects.toThrow('changed')
    expect(await countRows(path)).toBe(3)
    expect(existsSync(join(dirname(path), BEFORE))).toBe(false)
  })

  test('removes the second name that a killed swap has left', async () => {
    const path = await create(3)
    linkSync(path, nameBefore(path, '2026-01-01T00:00:00.000Z'))
    writeFileSync(nameBefore(path, '2026-01-02T00:00:00.000Z'), 'another')
    await swapStore(path, await prepare(path, 5))
    expect(readdirSync(dirname(path)).sort()).toEqual([
      'desk.keydesk',
      `${BEFORE.slice(0, -16)}20260102T000000Z`,
      BEFORE,
    ])
    expect(statSync(path).nlink).toBe(1)
  })
})

describe('a journal beside the old file', () => {
  async function createInMidCommit(): Promise<string> {
    const path = await create(3)
    writeMidCommit(path)
    return path
  }

  test('is rolled back into the old file first', async () => {
    const path = await createInMidCommit()
    const before = (await swapStore(path, await prepare(path, 5))) as string
    expect(existsSync(`${path}-journal`)).toBe(false)
    expect([await countRows(path), await countRows(before)]).toEqual([5, 3])
  })

  test.each(['missing', 'no store any more'])(
    'is not rolled back into the new file if the old file is %s',
    async (what) => {
      const path = await createInMidCommit()
      if (what === 'missing') rmSync(path)
      else writeFileSync(path, 'no store')
      await swapStore(path, await prepare(path, 5))
      expect(existsSync(`${path}-journal`)).toBe(false)
      // SQLite removes the journal of an old file, store or not. Without an old file the swap renames the journal.
      expect(existsSync(join(dirname(path), `${BEFORE}-journal`))).toBe(what === 'missing')
      expect(await countRows(path)).toBe(5)
    },
  )

  test('is not applied to the new file if another program left it as -wal and -shm', async () => {
    const path = await create(3)
    const swap = await prepare(path, 5)
    for (const suffix of ['-wal', '-shm']) writeFileSync(path + suffix, 'theirs', { mode: 0o600 })
    rmSync(path)
    await swapStore(path, swap)
    expect(
      readdirSync(dirname(path))
        .filter((name) => /-(wal|shm)$/.test(name))
        .sort(),
    ).toEqual([`${BEFORE}-shm`, `${BEFORE}-wal`])
    expect(await countRows(path)).toBe(5)
  })
})

describe('a process with the old file open', () => {
  test('cannot read or write it after the swap', async () => {
    const path = await create(3)
    const engine = open(path)
    await engine.read(async (snapshot) => expect(await snapshot.getRow('device', filled(16, 1))).not.toBeNull())
    await swapStore(path, await prepare(path, 5))
    await expectRefusal('busy', 'store-replaced', () => engine.read(async () => 'what was there'))
    await expectRefusal('busy', 'store-replaced', () =>
      engine.commit((commit) =>
        commit.putRow('device', { id: filled(16, 9), generation: 9, listed: filled(40, 9), secret: null }),
      ),
    )
    await engine.close()
    expect([await countRows(path), await countRows(join(dirname(path), BEFORE))]).toEqual([5, 3])
  })

  test('is refused with store-replaced if it waited for a commit during the swap', async () => {
    const path = await create(3)
    const swap = await prepare(path, 5)
    const waiters: ReturnType<typeof startChild>[] = []
    const check = async () => {
      // `look` writes nothing, but must not read the replaced file either.
      waiters.push(startChild(['commit', path]), startChild(['look', path]))
      for (const waiter of waiters) {
        await waiter.said(/opened/)
        await untilInLine(waiter.process.pid as number)
      }
    }
    await swapStore(path, { ...swap, check })
    for (const waiter of waiters) expect((await waiter.ended).last).toBe('busy store-replaced')
    expect(waiters.flatMap(({ lines }) => lines).filter((line) => /rows|newest/.test(line))).toEqual([])
    expect([await countRows(path), await countRows(join(dirname(path), BEFORE))]).toEqual([5, 3])
    // A process that opens the path now uses the new file.
    expect(await runChild(['commit', path])).toBe('ok')
    expect(await countRows(path)).toBe(6)
  })

  test('finishes its commit first: the swap waits for it', async () => {
    const path = await create(3)
    const holder = startChild(['hold', path])
    await holder.said(/holding/)
    const swapper = startChild(['restores', path, await create(5)])
    await swapper.said(/copied/)
    await untilInLine(swapper.process.pid as number)
    expect(swapper.lines).toEqual(['copied'])
    holder.process.stdin?.end()
    expect((await holder.ended).last).toBe('ok')
    await swapper.said(/swapped/)
    swapper.process.kill('SIGKILL')
    await swapper.ended
    // The child swaps again until it is killed. The oldest of the files beside the store is from the first swap.
    const [first = ''] = readdirSync(dirname(path))
      .filter((name) => name.includes('before-restore'))
      .sort()
    expect([await countRows(path), await countRows(join(dirname(path), first))]).toEqual([5, 4])
  })

  test('does not roll back the journal of the new file', async () => {
    const path = await create(3)
    const engine = open(path)
    await swapStore(path, await prepare(path, 5))
    writeMidCommit(path)
    await expectRefusal('busy', 'store-replaced', () => engine.commit(async () => undefined))
    await engine.close()
    expect(readFileSync(`${path}-journal`)[0]).toBe(0xd9)
    // The journal belongs to the new file, and makes it whole again.
    await open(path).close()
    expect(await countRows(path)).toBe(5)
  })

  test('is refused too if another program moved the file away', async () => {
    const path = await create(3)
    const engine = open(path)
    renameSync(path, `${path}.away`)
    await expectRefusal('busy', 'store-replaced', () => engine.read(async () => 'what was there'))
    copyFileSync(`${path}.away`, path)
    await expectRefusal('busy', 'store-replaced', () => engine.commit(async () => 'lost'))
    await engine.close()
  })
})

describe('kill -9', () => {
  test('leaves one of the two stores, whole', async () => {
    const path = await create(3)
    const backups = [await create(5), await create(8)]
    let killed = 0
    for (let round = 0; round < 15; round++) {
      const child = startChild(['restores', path, ...backups])
      await child.spoke(2 + (round % 5))
      child.process.kill('SIGKILL')
      killed += (await child.ended).code === null ? 1 : 0
      expect([5, 8]).toContain(await countRows(path))
      expect(existsSync(`${path}-journal`)).toBe(false)
    }
    expect(killed).toBe(15)
    const names = readdirSync(dirname(path)).filter((name) => name.includes('before-restore'))
    expect(names.length).toBeGreaterThan(15)
    for (const name of names.slice(0, 20)) expect([3, 5, 8]).toContain(await countRows(join(dirname(path), name)))
  })
})
