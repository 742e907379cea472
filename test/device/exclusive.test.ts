/** Guards the lock that a device's commands take: a command that does not get it leaves nothing open. */
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { holdExclusively } from '../../src/device/exclusive.ts'
import { createHome } from '../fake-context.ts'

/** How often this process has the file open. */
function countOpen(path: string): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      // The descriptor of the directory itself is closed by now.
      return ''
    }
  })
  return links.filter((link) => link === path).length
}

it.skipIf(process.platform !== 'linux')('closes the file of a lock that another process holds', () => {
  const path = join(createHome(), 'lock.db')
  const holder = new DatabaseSync(path)
  holder.exec('BEGIN EXCLUSIVE')
  const held = () => holdExclusively(path, 0, () => 'never')
  expect(held).toThrow('another process is at work on this device')
  // SQLite keeps a closed file open as long as its own process holds a lock on it.
  holder.close()
  expect(countOpen(path)).toBe(0)
  expect(holdExclusively(path, 0, () => countOpen(path))).toBeGreaterThan(0)
})
