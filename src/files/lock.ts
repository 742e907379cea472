/**
 * One process at a time, by a lock that the kernel drops when its holder dies, however it dies: an exclusive SQLite transaction on an
 * empty file. A lock file that one creates and removes would stay behind after a kill.
 */
import { closeSync, existsSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { guardStore } from './errors.ts'

/** Runs `work` while holding the lock; throws `busy` when another holds it past `waitMs`. */
export async function withLock<T>(path: string, waitMs: number, work: () => T | Promise<T>): Promise<T> {
  const db = guardStore(path, () => takeLock(path, waitMs))
  try {
    return await work()
  } finally {
    db.close()
  }
}

function takeLock(path: string, waitMs: number): DatabaseSync {
  // Only where there is none: closing it would drop the locks that this process holds on it (POSIX), whoever took them.
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path, { timeout: waitMs })
  try {
    // In memory, or SQLite would lay an empty journal beside the empty file.
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
