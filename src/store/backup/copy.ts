/**
 * A copy of a store in a file of its own, as it stood at one moment, while others go on. By VACUUM INTO and not by SQLite's backup interface: that one begins
 * anew whenever another process writes, and copies pages blindly, where VACUUM reads every row and stops at damage. It leaves syncing to its caller. A copy
 * is complete and verified before it has its name, or it is not there.
 */
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError } from '../../errors.ts'
import { guardStore, toStoreError } from '../../files/errors.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import type { Snapshot } from '../engine.ts'
import { connect, openSqlite, type SqliteOptions } from '../sqlite/open.ts'

/** How long a copy waits for a commit that is being written. */
const BUSY_TIMEOUT_MS = 5_000

/** Copies the store at `path` to the new file `copy`, mode 0600, durable. Throws `damaged` for a source that cannot be read. */
export function copySqlite(path: string, copy: string): void {
  // SQLite takes an empty file for none, so the copy keeps the mode that it is made with.
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

/** What cannot be written is the copy; what cannot be read, and who does not let go, is the source. */
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
  /** Throws for a copy that is not what it must be. */
  readonly verify: (snapshot: Snapshot) => Promise<void>
}

/** Copies the store at `path` to `file`, which never takes the place of another. Resolves to its size in bytes. */
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

/** Reads one snapshot of a store's file. */
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

/** A file that will get its name when it is complete. A kill may leave it behind; nothing reads it. */
export const draftBeside = (path: string, token: string): string => `${path}.${token}.new`

export function removeDraft(draft: string): void {
  for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true })
}

/** Throws `refused` when there is anything at `file`. */
export function requireNoFile(file: string): void {
  if (guardStore(file, () => lstatSync(file, { throwIfNoEntry: false })) !== undefined) throw fileExists(file)
}

function fileExists(file: string): KeydeskError {
  const hint = 'a backup never takes the place of another file: choose another name'
  return new KeydeskError('refused', 'file-exists', `there is a file at ${file} already`, hint)
}
