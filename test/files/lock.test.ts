/** A lock for one process at a time. It ends with the process that holds it. */
import { readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { withLock } from '../../src/files/lock.ts'
import { createHome } from '../fake-context.ts'
import { expectRefusal } from '../store/fixtures.ts'
import { runChild, startChild } from '../store/processes.ts'

const create = () => join(createHome(), 'work.lock')

test('withLock returns the result of the work or throws its error, and frees the lock either way', async () => {
  const path = create()
  expect(await withLock(path, 0, () => 'done')).toBe('done')
  await expect(withLock(path, 0, () => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault')
  expect(await withLock(path, 0, async () => 'again')).toBe('again')
  expect(readdirSync(dirname(path))).toEqual(['work.lock'])
})

test('a held lock is busy for this process and for others, at every try', async () => {
  const path = create()
  await withLock(path, 0, async () => {
    for (let i = 0; i < 3; i++) {
      await expectRefusal('busy', 'busy', () => withLock(path, 10, () => 'mine'))
      // A try within the process must not free the lock that the process holds. POSIX frees a lock with any close of
      // the file.
      expect(await runChild(['lock', path, '10'])).toBe('busy busy')
    }
  })
  expect(await withLock(path, 0, () => 'free')).toBe('free')
})

test('a waiting process gets the lock, and a killed holder frees it', async () => {
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

test('a file that is no lock, and a path where no lock can be made, are refused', async () => {
  const path = create()
  writeFileSync(path, 'something else'.repeat(100))
  await expectRefusal('damaged', null, () => withLock(path, 0, () => 'mine'))
  await expectRefusal('refused', 'no-such-place', () => withLock(join(path, 'lock'), 0, () => 'mine'))
  await expectRefusal('refused', 'no-such-place', () => withLock(join(createHome(), 'none', 'lock'), 0, () => 'mine'))
})
