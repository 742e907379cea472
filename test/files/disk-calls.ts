/**
 * Records the calls by which Node makes a file durable, in their order.
 * A test must watch the calls, because it cannot cut the power: the kernel shows every written byte to every process,
 * whether the byte is on the disk or not.
 */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'
import { vi } from 'vitest'

/**
 * Runs `work`. Returns its calls as `fsync draft`, `link NAME`, `rename NAME` and `fsync directory`.
 * A draft is a file named `….new`.
 */
export async function traceDisk(work: () => Promise<unknown>): Promise<string[]> {
  const calls: string[] = []
  const paths = new Map<number, string>()
  const { openSync, fsyncSync, linkSync, renameSync } = fs
  const spies = [
    vi.spyOn(fs, 'openSync').mockImplementation((path, flags, mode) => {
      const fd = openSync(path, flags, mode)
      paths.set(fd, String(path))
      return fd
    }),
    vi.spyOn(fs, 'fsyncSync').mockImplementation((fd) => {
      calls.push(`fsync ${describeFile(paths.get(fd) ?? 'unknown')}`)
      fsyncSync(fd)
    }),
    vi.spyOn(fs, 'linkSync').mockImplementation((from, to) => {
      calls.push(`link ${basename(String(to))}`)
      linkSync(from, to)
    }),
    vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
      calls.push(`rename ${basename(String(to))}`)
      renameSync(from, to)
    }),
  ]
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
    syncBuiltinESMExports()
  }
  return calls
}

function describeFile(path: string): string {
  if (path.endsWith('.new')) return 'draft'
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ? 'directory' : basename(path)
}
