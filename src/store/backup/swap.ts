/**
 * Replaces a store with another file in one step.
 * - A process that opens the path finds the old file or the new one.
 * - The old file gets a second name beside it, and keeps that name.
 * - The old file's writer lock is held meanwhile. A commit that waited for this lock then finds that the path names
 *   another file (see `files/same-file.ts`).
 */
import { existsSync, linkSync, lstatSync, readdirSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { KeydeskError } from '../../errors.ts'
import { guardStore, toStoreError } from '../../files/errors.ts'
import { COMPANIONS } from '../../files/modes.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import { connect } from '../sqlite/open.ts'

const BUSY_TIMEOUT_MS = 5_000
const BEFORE_RESTORE = '.before-restore-'

/** The path with links resolved: SQLite keeps its journal beside the real file. */
export const realPlace = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

export type Swap = {
  /** A complete and durable file in the same directory. */
  readonly draft: string
  /** The name for the old file (see `nameBefore`); if it is taken, a number is added. */
  readonly before: string
  /** Called while no process can write; throws if the store is not the expected one. */
  readonly check: () => Promise<void>
}

/** Resolves to the new path of the old file; null if there was none. Throws `busy` while another process writes. */
export async function swapStore(path: string, swap: Swap): Promise<string | null> {
  return holdStore(path, async () => {
    await swap.check()
    return guardStore(path, () => exchange(path, swap))
  })
}

/**
 * Runs `work` while no process can write. Taking the lock also replays a journal that a killed process left. If a file
 * is too damaged for SQLite to lock, no process can write it either.
 */
async function holdStore<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = existsSync(path) ? takeLock(path) : null
  try {
    return await work()
  } finally {
    lock?.close()
  }
}

function takeLock(path: string): DatabaseSync | null {
  let db: DatabaseSync | null = null
  try {
    db = connect(path, BUSY_TIMEOUT_MS)
    db.exec('BEGIN IMMEDIATE')
    return db
  } catch (error) {
    db?.close()
    const said = toStoreError(error, path)
    if (said instanceof KeydeskError && said.refusal.kind === 'damaged') return null
    throw said
  }
}

/**
 * Three steps, in this order:
 * - The old file gets its second name.
 * - Files that SQLite left beside it move to that name; otherwise SQLite would use them for the new file. A journal
 *   that is still there belongs to a file that SQLite could not read.
 * - The draft takes the path, in one step.
 */
function exchange(path: string, { draft, before: wanted }: Swap): string | null {
  const before = freeName(wanted)
  dropUnfinished(path)
  const isThere = existsSync(path)
  if (isThere) linkSync(path, before)
  for (const suffix of COMPANIONS) if (existsSync(path + suffix)) renameSync(path + suffix, before + suffix)
  renameSync(draft, path)
  syncDirectory(dirname(path))
  return isThere ? before : null
}

/**
 * Removes a second name that a killed restore gave to the store. The store may have been written since, so this name
 * does not hold the state before a restore.
 */
function dropUnfinished(path: string): void {
  const { ino, dev } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
  const directory = dirname(path)
  for (const name of readdirSync(directory).filter((each) => each.startsWith(`${basename(path)}${BEFORE_RESTORE}`))) {
    const other = lstatSync(join(directory, name), { bigint: true, throwIfNoEntry: false })
    if (other !== undefined && other.ino === ino && other.dev === dev) rmSync(join(directory, name))
  }
}

/** `PATH.before-restore-20260302T090000Z` for `2026-03-02T09:00:00.000Z`: valid as a file name on every platform. */
export function nameBefore(path: string, isoTime: string): string {
  return `${path}${BEFORE_RESTORE}${isoTime.replace(/[-:]|\.\d+/g, '')}`
}

function freeName(wanted: string): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`
    if (!existsSync(name)) return name
  }
}
