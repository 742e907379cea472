/**
 * One process at a time: an exclusive transaction on an empty SQLite file. Nothing is ever written to it; it is there for its lock,
 * which the kernel holds and drops with the process, however that ends. Node has no flock of its own.
 */
import { DatabaseSync } from 'node:sqlite'
import { KeydeskError } from '../errors.ts'

const SQLITE_BUSY = 5

/** Runs `work` while no other process runs any under the same file; throws `busy` after `waitMs`. `work` must wait for nothing. */
export function holdExclusively<T>(path: string, waitMs: number, work: () => T): T {
  const database = takeLock(path, waitMs)
  try {
    return work()
  } finally {
    database.close()
  }
}

function takeLock(path: string, waitMs: number): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: waitMs })
    // In memory, or SQLite would lay an empty journal beside the empty file.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new KeydeskError('busy', 'busy', 'another process is at work on this device', 'try again in a moment')
    }
    throw new KeydeskError('damaged', 'damaged', `${path} cannot be used as a lock`, `it holds nothing: rm ${path}`)
  }
}
