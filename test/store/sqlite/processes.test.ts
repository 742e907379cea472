/** Tests the store's file with several processes: waiting for a writer, a kill, and a full disk. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createSqlite, openSqlite } from '../../../src/store/sqlite/open.ts'
import { filled } from '../../crypto/fixtures.ts'
import { createHome } from '../../fake-context.ts'
import { diskFolder } from '../../memory-folder.ts'
import { untilInLine } from '../../process-state.ts'
import { expectRefusal, isRoot, peek, uid } from '../fixtures.ts'
import { killWhen, runChild, startChild } from '../processes.ts'

async function create(path = join(createHome(), 'desk.keydesk')): Promise<string> {
  await createSqlite(path, filled(16, 7), async () => undefined)
  return path
}

/** The number of rows. Fails if SQLite finds a fault in the file. */
async function countRows(path: string): Promise<number> {
  const engine = openSqlite(path, { uid })
  const count = await engine.read(async (snapshot) => {
    let rows = 0
    for await (const row of snapshot.scanRows('device')) expect(row.generation).toBe(++rows)
    return rows
  })
  await engine.close()
  expect(peek(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  return count
}

describe('a second writer', () => {
  test('waits until the first writer is done', async () => {
    const path = await create()
    const holder = startChild(['hold', path])
    await holder.said(/holding/)
    const waiter = startChild(['commit', path])
    await waiter.said(/opened/)
    await untilInLine(waiter.process.pid as number)
    expect(waiter.lines).toEqual(['opened'])
    holder.process.stdin?.end()
    expect((await holder.ended).last).toBe('ok')
    expect((await waiter.ended).last).toBe('ok')
    expect(waiter.lines).toContain('rows 2')
  })

  test('is busy if the first writer is stopped for too long, and the first loses nothing when it continues', async () => {
    const path = await create()
    const holder = startChild(['hold', path])
    await holder.said(/holding/)
    holder.process.kill('SIGSTOP')
    const started = performance.now()
    expect(await runChild(['commit', path, '300'])).toBe('busy busy')
    expect(performance.now() - started).toBeGreaterThan(300)
    // Reading works while a writer has not finished.
    expect(await countRows(path)).toBe(0)
    holder.process.kill('SIGCONT')
    holder.process.stdin?.end()
    expect((await holder.ended).last).toBe('ok')
    expect(await countRows(path)).toBe(1)
  })

  test('commits at once after the first writer is killed', async () => {
    const path = await create()
    const holder = startChild(['hold', path])
    await holder.said(/holding/)
    holder.process.kill('SIGKILL')
    await holder.ended
    expect(await runChild(['commit', path, '0'])).toBe('ok')
    expect(await countRows(path)).toBe(1)
  })

  test('takes turns with three others: no row is lost or doubled', async () => {
    const path = await create()
    const commits = 25
    const writers = [1, 2, 3, 4].map(() => runChild(['commit', path, '20000', String(commits)]))
    expect(await Promise.all(writers)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(await countRows(path)).toBe(4 * commits)
  })
})

/** Whether the journal is hot: SQLite writes the journal's header last. */
function isHot(journal: string): boolean {
  try {
    return readFileSync(journal)[0] === 0xd9
  } catch {
    return false
  }
}

describe('kill -9', () => {
  test('in the middle of commits keeps every row reported as durable, and no part of another', async () => {
    const path = await create(join(createHome(diskFolder()), 'desk.keydesk'))
    const journal = `${path}-journal`
    let rolledBack = 0
    let said = 0
    for (let round = 0; round < 10; round++) {
      const child = startChild(['endlessly', path])
      await child.said(/rows/)
      // Even rounds kill when the journal is hot, so the kill leaves it behind. Odd rounds kill after 1 + round lines.
      if (round % 2 === 0) await killWhen(child, () => isHot(journal))
      else await child.spoke(1 + round)
      child.process.kill('SIGKILL')
      await child.ended
      rolledBack += isHot(journal) ? 1 : 0
      said = Number(child.lines.at(-1)?.split(' ')[1])
      expect([said, said + 1]).toContain(await countRows(path))
      expect(isHot(journal)).toBe(false)
    }
    expect(rolledBack).toBeGreaterThan(0)
    expect(said).toBeGreaterThan(10)
  })
})

describe('a full disk', () => {
  const mounted: string[] = []
  afterEach(() => {
    for (const directory of mounted.splice(0)) execFileSync('umount', [directory])
  })

  /** A directory on a disk of 1 MB, or null if this user may not mount one. */
  function mountSmallDisk(): string | null {
    const directory = join(createHome(), 'disk')
    mkdirSync(directory)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', directory], { stdio: 'ignore' })
    } catch {
      return null
    }
    mounted.push(directory)
    return directory
  }

  const disk = isRoot ? test : test.skip

  disk('of 1 MB refuses the commit and keeps all earlier ones', async () => {
    const directory = mountSmallDisk()
    if (directory === null) return
    const path = await create(join(directory, 'desk.keydesk'))
    const child = startChild(['fill', path, '30000'])
    expect((await child.ended).last).toBe('refused disk-full')
    const [rows, left] = child.lines.slice(-3, -1).map((line) => Number(line.split(' ')[1]))
    expect(rows).toBeGreaterThan(3)
    expect(left).toBe(rows)
    expect(await countRows(path)).toBe(rows)
    // Nor can another store be created on the full disk, and the attempt leaves no file.
    execFileSync('bash', ['-c', 'head -c 2000000 /dev/zero > "$0/ballast" || true', directory], { stdio: 'ignore' })
    await expectRefusal('refused', 'disk-full', () => create(join(directory, 'second.keydesk')))
    execFileSync('bash', ['-c', 'ls "$0" | grep second && exit 1 || rm "$0/ballast"', directory])
    expect(readFileSync(path).length).toBeGreaterThan(30_000)
  })

  test('by a limit on the size of files refuses the commit and keeps all earlier ones', async () => {
    const path = await create()
    const child = startChild(['fill', path, '30000'], { shell: 'ulimit -f 400' })
    const { last, code, errors } = await child.ended
    expect([last, code, errors]).toEqual(['refused disk-full', 0, ''])
    const rows = child.lines.filter((line) => line.startsWith('rows')).length
    expect(child.lines.at(-2)).toBe(`left ${rows}`)
    expect(await countRows(path)).toBe(rows)
    expect(await runChild(['commit', path])).toBe('ok')
    expect(existsSync(`${dirname(path)}/desk.keydesk-journal`)).toBe(false)
  })
})
