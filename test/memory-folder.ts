/**
 * Finds a folder in memory for the files of tests. On a disk, SQLite waits four times for each commit, and a test run
 * makes thousands of commits. No test depends on the disk:
 * - A killed process leaves the kernel's pages as they are.
 * - The syncing of files is tested by watching the calls.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SHARED_MEMORY = '/dev/shm'
const NEEDED_BYTES = 2 ** 30

/** A folder on a disk: a test that kills a commit in its middle needs commits that take milliseconds. */
export const diskFolder = (): string => (tmpdir() === SHARED_MEMORY ? '/tmp' : tmpdir())

/** Null if TMPDIR names a folder already, or if no memory file system can hold the files and run scripts. */
export function findMemoryFolder(): string | null {
  return process.env['TMPDIR'] === undefined && hasRoom() && runsScripts() ? SHARED_MEMORY : null
}

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY)
    return bavail * bsize >= NEEDED_BYTES
  } catch {
    return false
  }
}

/** Many systems mount shared memory with `noexec`. */
function runsScripts(): boolean {
  const folder = mkdtempSync(join(SHARED_MEMORY, 'keydesk-test-'))
  try {
    const script = join(folder, 'script')
    writeFileSync(script, '#!/bin/sh\nexit 0\n', { mode: 0o700 })
    return spawnSync(script).status === 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}
