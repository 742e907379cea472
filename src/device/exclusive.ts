/**
 * Lets one process at a time work on the device: an exclusive transaction on an empty SQLite file.
 * - Nothing is ever written to the file. It exists only for its lock.
 * - The kernel holds the lock and drops it when the process ends, however it ends. Node has no flock of its own.
 */
import { DatabaseSync } from 'node:sqlite'
import { KeydeskError } from '../errors.ts'

const SQLITE_BUSY = 5

/**
 * Runs `work` while no other process runs any under the same file. Throws `busy` after `waitMs`, and `damaged` when the
 * file cannot be a lock. `work` must be synchronous.
 */
export function holdExclusively<T>(path: string, waitMs: number, work: () => T): T {
  const database = takeLock(path, waitMs)
  try {
    return work()
  } finally {
    database.close()
  }
}

function takeLock(path: string, waitMs: number): DatabaseSync {
  let database: DatabaseSync | null = null
  try {
    database = new DatabaseSync(path, { timeout: waitMs })
    // The journal is in memory. Otherwise SQLite would make an empty journal file beside the empty lock file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new KeydeskError('busy', 'busy', 'another process is at work on this device', 'try again in a moment')
    }
    throw new KeydeskError('damaged', 'damaged', `${path} cannot be used as a lock`, `it holds nothing: rm ${path}`)
  }
}
