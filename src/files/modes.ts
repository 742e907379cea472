/**
 * Refuses files that another user of the machine can write, and names the command that fixes them.
 * - Other users may *read* our files, because the content is sealed. Sealing does not stop them from *replacing* a
 *   file.
 * - Windows has no modes. There the rules of the user's profile apply.
 */
import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError, quoteWord } from '../errors.ts'
import { guardStore } from './errors.ts'

const WRITABLE_BY_OTHERS = 0o022
const STICKY = 0o1000
const ROOT = 0
/** The suffixes of the files that SQLite keeps beside a database and would trust. */
export const COMPANIONS = ['-journal', '-wal', '-shm']

/**
 * Throws `refused` if `path` is not a file, or if another user can write or replace it or its directory. For a symbolic
 * link, both ends are checked.
 * Directories further up are not checked. There another user can only move our directory away, and has no directory of
 * ours to put in its place.
 */
export function requirePrivate(path: string, uid: number | null): void {
  const real = guardStore(path, () => realpathSync(path))
  const stat = statSync(real)
  if (!stat.isFile())
    throw new KeydeskError('refused', 'not-a-file', `${path} is no file`, 'choose another place with --store PATH')
  if (uid === null) return
  requireOwn(real, stat, uid)
  for (const directory of new Set([dirname(path), dirname(real)])) requireOwnDirectory(directory, uid)
  // In a sticky directory other users can add files. SQLite would play back a journal of theirs into our store.
  for (const companion of COMPANIONS.map((suffix) => real + suffix)) {
    const beside = lstatSync(companion, { throwIfNoEntry: false })
    if (beside !== undefined) requireOwn(companion, beside, uid)
  }
}

/** Throws `refused` if another user can write the directory in which a new file will be made. */
export function requirePrivateParent(path: string, uid: number | null): void {
  if (uid !== null) requireOwnDirectory(dirname(path), uid)
}

function requireOwnDirectory(path: string, uid: number): void {
  const stat = guardStore(path, () => statSync(path))
  // In a sticky directory (such as /tmp) only its owner can replace our files. Other users can only add files.
  const sticky = (stat.mode & STICKY) !== 0
  requireOwn(path, sticky ? { uid: stat.uid, mode: 0 } : stat, uid)
}

function requireOwn(path: string, { mode, uid: owner }: Pick<Stats, 'mode' | 'uid'>, uid: number): void {
  if (owner !== uid && owner !== ROOT) {
    throw new KeydeskError(
      'refused',
      'foreign-owner',
      `${path} belongs to another user`,
      `chown ${uid} ${quoteWord(path)}`,
    )
  }
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new KeydeskError(
      'refused',
      'writable-by-others',
      `other users may write ${path}`,
      `chmod go-w ${quoteWord(path)}`,
    )
  }
}

/** Makes the directory with mode 0700, unless it exists. */
export function makePrivateDirectory(path: string): void {
  guardStore(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }))
}

/** Throws `refused` unless `path` is a real directory of ours that no other user can enter. */
export function requirePrivateDirectory(path: string, uid: number | null): void {
  const stat = guardStore(path, () => lstatSync(path))
  if (uid === null || (stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0)) return
  const mine = stat.isDirectory() && stat.uid === uid
  const hint = mine ? `chmod 700 ${quoteWord(path)}` : 'set XDG_RUNTIME_DIR to a directory of yours'
  throw new KeydeskError('refused', 'open-directory', `${path} must be a directory of yours, with mode 0700`, hint)
}
