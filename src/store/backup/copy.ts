/**
 * Copies a store to a new file, as it is at one moment, while others go on working.
 * - VACUUM INTO makes the copy. It reads every row, and stops at damage.
 * - SQLite's backup interface is not used. It starts again whenever another process writes, and copies pages without
 *   reading their rows.
 * - VACUUM INTO does not sync the copy, so this file does.
 * - A copy gets its name only after it is complete and verified.
 */
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError } from '../../errors.ts'
import { guardStore, toStoreError } from '../../files/errors.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import type { Snapshot } from '../engine.ts'
import { connect, openSqlite, type SqliteOptions } from '../sqlite/open.ts'

/** How long a copy waits for another process that is writing a commit. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Copies the store at `path` to the new file `copy` (mode 0600, durable). Throws `damaged` for a source that cannot be
 * read.
 */
export function copySqlite(path: string, copy: string): void {
  // VACUUM INTO accepts an empty file. So the copy keeps the mode that this file is created with.
  guardStore(copy, () => closeSync(openSync(copy, 'wx', 0o600)))
  const db = guardStore(path, () => connect(path, BUSY_TIMEOUT_MS))
  try {
    db.prepare('VACUUM INTO ?').run(copy)
    syncFile(copy)
  } catch (error) {
    throw toCopyError(error, path, copy)
  } finally {
    db.close()
  }
}

/**
 * Finds the file that an error is about. A failed write is about the copy. Damage and a busy lock are about the source.
 */
function toCopyError(error: unknown, path: string, copy: string): unknown {
  const said = toStoreError(error, copy)
  return said instanceof KeydeskError && said.refusal.kind !== 'refused' ? toStoreError(error, path) : said
}

function syncFile(path: string): void {
  const fd = openSync(path, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

export type Copying = SqliteOptions & {
  /** Tells drafts of several processes apart. */
  readonly token: string
  /** Throws if the copy is not as it must be. */
  readonly verify: (snapshot: Snapshot) => Promise<void>
}

/**
 * Copies the store at `path` to `file`. Throws `refused` if `file` exists: a copy never replaces another file. Resolves
 * to the size of the copy in bytes.
 */
export async function backUpSqlite(
  path: string,
  file: string,
  { token, verify, ...options }: Copying,
): Promise<number> {
  requireNoFile(file)
  const draft = draftBeside(file, token)
  try {
    copySqlite(path, draft)
    await lookInto(draft, options, verify)
    linkSync(draft, file)
    syncDirectory(dirname(file))
    return statSync(file).size
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExists(file) : toStoreError(error, file)
  } finally {
    removeDraft(draft)
  }
}

/** Runs `work` on one snapshot of the store file at `path`. */
export async function lookInto<T>(
  path: string,
  options: SqliteOptions,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const engine = openSqlite(path, options)
  try {
    return await engine.read(work)
  } finally {
    await engine.close()
  }
}

/**
 * The path of a file that gets its final name when it is complete. A killed process may leave it behind; nothing reads
 * it.
 */
export const draftBeside = (path: string, token: string): string => `${path}.${token}.new`

export function removeDraft(draft: string): void {
  for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true })
}

/** Throws `refused` if anything exists at `file`. */
export function requireNoFile(file: string): void {
  if (guardStore(file, () => lstatSync(file, { throwIfNoEntry: false })) !== undefined) throw fileExists(file)
}

function fileExists(file: string): KeydeskError {
  const hint = 'a backup never takes the place of another file: choose another name'
  return new KeydeskError('refused', 'file-exists', `there is a file at ${file} already`, hint)
}
