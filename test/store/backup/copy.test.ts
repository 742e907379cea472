/**
 * Tests copies of a store's file.
 * - A copy is whole, has mode 0600, and is a snapshot of one moment while others write.
 * - After a kill at any moment, a copy is complete or does not exist.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { backUpSqlite, type Copying, copySqlite, requireNoFile } from '../../../src/store/backup/copy.ts'
import { openSqlite } from '../../../src/store/sqlite/open.ts'
import { filled } from '../../crypto/fixtures.ts'
import { createHome } from '../../fake-context.ts'
import { traceDisk } from '../../files/disk-calls.ts'
import { createFileStore, expectRefusal, peek, tamper, uid } from '../fixtures.ts'
import { dumpEngine } from '../memory-engine.ts'
import { killWhen, runChild, startChild } from '../processes.ts'
import { findFaults } from '../verify/verifying.ts'

const COLLECTIONS = ['keyring', 'organisation', 'roster', 'user', 'device']
const COPYING: Copying = { uid, token: 'test', verify: async () => undefined }

async function dump(path: string) {
  const engine = openSqlite(path, { uid })
  try {
    return await dumpEngine(engine, COLLECTIONS)
  } finally {
    await engine.close()
  }
}

/** The number of rows. Fails if SQLite finds a fault in the file, or if a row between first and last is missing. */
async function countRows(path: string): Promise<number> {
  expect(peek(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  const rows = (await dump(path)).rows.filter(({ collection }) => collection === 'device')
  expect(rows.map(({ generation }) => generation)).toEqual(rows.map((_, i) => i + 1))
  return rows.length
}

describe('a backup', () => {
  test('holds the rows of the store in one file of mode 0600, whatever the umask, and opens as a store', async () => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy.keydesk')
    const umask = process.umask(0)
    try {
      expect(await backUpSqlite(store.path, file, COPYING)).toBe(statSync(file).size)
    } finally {
      process.umask(umask)
    }
    expect(statSync(file).mode & 0o7777).toBe(0o600)
    expect(readdirSync(dirname(file))).toEqual(['copy.keydesk'])
    expect(await dump(file)).toEqual(await dump(store.path))
    const engine = openSqlite(file, { uid })
    expect(await findFaults(engine, store)).toEqual([])
    await engine.close()
  })

  test('syncs its bytes before it takes its name, and then syncs the directory', async () => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy.keydesk')
    const calls = await traceDisk(() => backUpSqlite(store.path, file, COPYING))
    expect(calls).toEqual(['fsync draft', 'link copy.keydesk', 'fsync directory'])
  })

  test.each(['a file', 'a link to nothing'])('never replaces %s', async (what) => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy.keydesk')
    if (what === 'a file') writeFileSync(file, 'mine')
    else symlinkSync(`${file}.nothing`, file)
    await expectRefusal('refused', 'file-exists', () => requireNoFile(file))
    await expectRefusal('refused', 'file-exists', () => backUpSqlite(store.path, file, COPYING))
    expect(readdirSync(dirname(file))).toEqual(['copy.keydesk'])
  })

  test('never replaces a file that is made meanwhile', async () => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy.keydesk')
    const verify = async () => writeFileSync(file, 'mine')
    await expectRefusal('refused', 'file-exists', () => backUpSqlite(store.path, file, { ...COPYING, verify }))
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(readdirSync(dirname(file))).toEqual(['copy.keydesk'])
  })

  test('leaves no file if it does not verify, has no directory, or finds the disk full', async () => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy.keydesk')
    const verify = () => Promise.reject(new Error('not a copy'))
    await expect(backUpSqlite(store.path, file, { ...COPYING, verify })).rejects.toThrow('not a copy')
    await expectRefusal('refused', 'no-such-place', () => backUpSqlite(store.path, join(file, 'a'), COPYING))
    expect(readdirSync(dirname(file))).toEqual([])
    const child = startChild(['backups', store.path, file], { shell: 'ulimit -f 8' })
    expect((await child.ended).last).toBe('refused disk-full')
    expect(readdirSync(dirname(file))).toEqual([])
  })

  test('of a damaged store is refused: the damage is not copied', async () => {
    const store = await createFileStore()
    const bytes = readFileSync(store.path)
    const pageSize = bytes.readUInt16BE(16)
    // Each page but the first: a store with a damaged first page does not open.
    const outcomes = Array.from({ length: bytes.length / pageSize - 1 }, (_, i) => {
      const damaged = Buffer.from(bytes)
      damaged.fill(0xff, (i + 1) * pageSize, (i + 1) * pageSize + 8)
      const path = join(createHome(), 'damaged.keydesk')
      writeFileSync(path, damaged, { mode: 0o600 })
      return expectRefusal('damaged', 'damaged-store', () => copySqlite(path, `${path}.copy`))
    })
    const said = await Promise.all(outcomes)
    expect(said.length).toBeGreaterThan(2)
    for (const { message } of said) expect(message).toMatch(/damaged\.keydesk does not verify/)
  })

  test('is refused in a directory that others can write to', async () => {
    const store = await createFileStore()
    const home = createHome()
    chmodSync(home, 0o777)
    await expectRefusal('refused', 'writable-by-others', () => backUpSqlite(store.path, join(home, 'copy'), COPYING))
    expect(readdirSync(home)).toEqual([])
  })
})

describe('while others write', () => {
  test('each copy is a snapshot of one moment, and no writer is refused as busy', async () => {
    const store = await createFileStore()
    const file = join(createHome(), 'copy')
    const copier = startChild(['backups', store.path, file])
    const writers = [1, 2].map(() => runChild(['commit', store.path, '20000', '40']))
    expect(await Promise.all(writers)).toEqual(['ok', 'ok'])
    await copier.said(/made 3$/)
    copier.process.kill('SIGKILL')
    await copier.ended
    const made = copier.lines.filter((line) => line.startsWith('made')).length
    const counts: number[] = []
    for (let i = 1; i <= made; i++) counts.push(await countRows(`${file}.${i}`))
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(await countRows(store.path)).toBe(80)
  })
})

describe('kill -9', () => {
  test('leaves whole copies: the last one is complete or does not exist', async () => {
    const store = await createFileStore()
    const engine = store.connect()
    await engine.commit(async (commit) => {
      for (let i = 1; i <= 40; i++) {
        const id = filled(16, i)
        await commit.putRow('device', { id, generation: i, listed: new Uint8Array(50_000), secret: null })
      }
    })
    await engine.close()
    let unfinished = 0
    for (let round = 0; round < 12; round++) {
      const file = join(createHome(), 'copy')
      const child = startChild(['backups', store.path, file])
      const hasDraft = () => readdirSync(dirname(file)).some((name) => name.includes('.new'))
      // Even rounds kill when a copy has just got its name. Odd rounds kill, and leave behind, an unfinished copy.
      if (round % 2 === 0) await child.spoke(1 + round)
      else await killWhen(child, hasDraft)
      child.process.kill('SIGKILL')
      await child.ended
      const said = child.lines.filter((line) => line.startsWith('made')).length
      const names = readdirSync(dirname(file))
      const finished = names.filter((name) => !name.includes('.new'))
      expect([said, said + 1]).toContain(finished.length)
      for (const name of finished) expect(await countRows(join(dirname(file), name))).toBe(40)
      unfinished += names.length - finished.length
      expect(names.filter((name) => name.includes('.new')).every((name) => name.startsWith(basename(file)))).toBe(true)
    }
    expect(unfinished).toBeGreaterThan(0)
  })
})

test('a copy holds no bytes that were deleted from the store', async () => {
  const store = await createFileStore()
  tamper(
    store.path,
    "PRAGMA secure_delete = OFF; CREATE TABLE t (x); INSERT INTO t VALUES ('what was deleted'); DROP TABLE t",
  )
  expect(readFileSync(store.path, 'latin1')).toContain('what was deleted')
  const copy = `${store.path}.copy`
  copySqlite(store.path, copy)
  expect(readFileSync(copy, 'latin1')).not.toContain('what was deleted')
  expect(existsSync(`${copy}-journal`)).toBe(false)
})
