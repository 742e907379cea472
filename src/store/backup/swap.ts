/**
 * Puts another file in the place of a store, in one step: whoever opens the path finds the old one or the new one. The old one keeps a name beside it. It is
 * done under the old file's writer lock, after which a commit that waited there finds that the path names another file (see `files/same-file.ts`).
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

/** Where the file of that name really lies: SQLite keeps its journal there. */
export const realPlace = (path: string): string => (existsSync(path) ? realpathSync(path) : path)

export type Swap = {
  /** A complete and durable file in the same directory. */
  readonly draft: string
  /** The name that the old one gets (see `nameBefore`); another is found if it is taken. */
  readonly before: string
  /** Called when nobody can write any more; throws if the store is not what it was thought to be. */
  readonly check: () => Promise<void>
}

/** Resolves to where the old file is now; null where there was none. Throws `busy` while another process writes. */
export async function swapStore(path: string, swap: Swap): Promise<string | null> {
  return holdStore(path, async () => {
    await swap.check()
    return guardStore(path, () => exchange(path, swap))
  })
}

/**
 * Runs `work` while nobody can write. Taking the lock also plays a journal back that a kill has left. A file so damaged that SQLite does not lock it is not
 * written by anybody either.
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
 * First the old file's second name, then what SQLite left beside it, which it would take for the new file's, and last the one step that counts. A
 * journal that is still there belongs to a file that SQLite could not read; it goes where that file goes.
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

/** A restore that was killed half-way has given the store a second name; the store may have been written to since. */
function dropUnfinished(path: string): void {
  const { ino, dev } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
  const directory = dirname(path)
  for (const name of readdirSync(directory).filter((each) => each.startsWith(`${basename(path)}${BEFORE_RESTORE}`))) {
    const other = lstatSync(join(directory, name), { bigint: true, throwIfNoEntry: false })
    if (other !== undefined && other.ino === ino && other.dev === dev) rmSync(join(directory, name))
  }
}

/** `2026-03-02T09:00:00.000Z` as a file's name may hold it everywhere. */
export function nameBefore(path: string, isoTime: string): string {
  return `${path}${BEFORE_RESTORE}${isoTime.replace(/[-:]|\.\d+/g, '')}`
}

function freeName(wanted: string): string {
  for (let i = 1; ; i++) {
    const name = i === 1 ? wanted : `${wanted}-${i}`
    if (!existsSync(name)) return name
  }
}
