/**
 * Lets one process at a time work: an exclusive SQLite transaction on an empty file. The kernel drops the lock when its
 * holder dies, however it dies. A lock file that is created and removed would stay behind after a kill.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { guardStore } from './errors.ts'

/** Runs `work` while holding the lock. Throws `busy` when another process holds it for longer than `waitMs`. */
export async function withLock<T>(path: string, waitMs: number, work: () => T | Promise<T>): Promise<T> {
  const db = guardStore(path, () => takeLock(path, waitMs))
  try {
    return await work()
  } finally {
    db.close()
  }
}

function takeLock(path: string, waitMs: number): DatabaseSync {
  // Made only where it is missing. Closing an existing lock file would drop all POSIX locks of this process on it, also
  // those that other code took.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path, { timeout: waitMs })
  try {
    // The journal is in memory. Otherwise SQLite would make an empty journal file beside the empty lock file.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
