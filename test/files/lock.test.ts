/** One process at a time, by a lock that dies with its holder. */
import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../../src/files/lock.ts'
import { createHome } from '../fake-context.ts'
import { expectRefusal } from '../store/fixtures.ts'
import { runChild, startChild } from '../store/processes.ts'

const create = () => join(createHome(), 'work.lock')

test('what is done under it is answered, what it throws is thrown, and either way it is free again', async () => {
  const path = create()
  expect(await withLock(path, 0, () => 'done')).toBe('done')
  await expect(withLock(path, 0, () => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault')
  expect(await withLock(path, 0, async () => 'again')).toBe('again')
  expect(readdirSync(dirname(path))).toEqual(['work.lock'])
})

test('who asks for it meanwhile is told that it is busy, in this process and in others, as often as they ask', async () => {
  const path = create()
  await withLock(path, 0, async () => {
    for (let i = 0; i < 3; i++) {
      await expectRefusal('busy', 'busy', () => withLock(path, 10, () => 'mine'))
      // Asking within the process must not drop the lock that the process holds: POSIX drops it with any close.
      expect(await runChild(['lock', path, '10'])).toBe('busy busy')
    }
  })
  expect(await withLock(path, 0, () => 'free')).toBe('free')
})

test('who waits for it gets it, and a killed holder holds it no more', async () => {
  const path = create()
  const first = startChild(['lock', path])
  await first.said(/holding/)
  const second = startChild(['lock', path, '20000'])
  first.process.stdin?.end()
  await second.said(/holding/)
  second.process.kill('SIGKILL')
  await second.ended
  expect(await withLock(path, 0, () => 'free')).toBe('free')
})

test('a file that is no lock, or a place where there can be none, is refused', async () => {
  const path = create()
  writeFileSync(path, 'something else'.repeat(100))
  await expectRefusal('damaged', null, () => withLock(path, 0, () => 'mine'))
  await expectRefusal('refused', 'no-such-place', () => withLock(join(path, 'lock'), 0, () => 'mine'))
  await expectRefusal('refused', 'no-such-place', () => withLock(join(createHome(), 'none', 'lock'), 0, () => 'mine'))
})
