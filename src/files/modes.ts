/**
 * Files that another user of the machine may write are not ours to trust: they are refused, with the command that mends them.
 * What others may *read* is sealed; what they may replace is not. Windows has no modes; there the profile's own rules hold.
 */
import { lstatSync, mkdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError, quoteWord } from '../errors.ts'
import { guardStore } from './errors.ts'

const WRITABLE_BY_OTHERS = 0o022
const STICKY = 0o1000
const ROOT = 0
/** What SQLite keeps beside a database, and would believe. */
export const COMPANIONS = ['-journal', '-wal', '-shm']

/**
 * Throws `refused` if the file, or the directory that it stands in, can be written or replaced by another user. Through a symbolic
 * link that goes for both ends. Directories further up need not be looked at: who can only move ours about has none to put there.
 */
export function requirePrivate(path: string, uid: number | null): void {
  const real = guardStore(path, () => realpathSync(path))
  const stat = statSync(real)
  if (!stat.isFile())
    throw new KeydeskError('refused', 'not-a-file', `${path} is no file`, 'choose another place with --store PATH')
  if (uid === null) return
  requireOwn(real, stat, uid)
  for (const directory of new Set([dirname(path), dirname(real)])) requireOwnDirectory(directory, uid)
  // In a sticky directory others can add files: a journal of theirs would be played back into our store.
  for (const companion of COMPANIONS.map((suffix) => real + suffix)) {
    const beside = lstatSync(companion, { throwIfNoEntry: false })
    if (beside !== undefined) requireOwn(companion, beside, uid)
  }
}

/** Throws `refused` if the directory that a new file will stand in can be written by another user. */
export function requirePrivateParent(path: string, uid: number | null): void {
  if (uid !== null) requireOwnDirectory(dirname(path), uid)
}

function requireOwnDirectory(path: string, uid: number): void {
  const stat = guardStore(path, () => statSync(path))
  // In a sticky directory (such as /tmp) only its owner can replace our files; others can but add some.
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

/** Makes the directory, mode 0700, unless it is there. */
export function makePrivateDirectory(path: string): void {
  guardStore(path, () => mkdirSync(path, { recursive: true, mode: 0o700 }))
}

/** Throws `refused` unless `path` is a real directory of ours that nobody else can enter. */
export function requirePrivateDirectory(path: string, uid: number | null): void {
  const stat = guardStore(path, () => lstatSync(path))
  if (uid === null || (stat.isDirectory() && stat.uid === uid && (stat.mode & 0o077) === 0)) return
  const mine = stat.isDirectory() && stat.uid === uid
  const hint = mine ? `chmod 700 ${quoteWord(path)}` : 'set XDG_RUNTIME_DIR to a directory of yours'
  throw new KeydeskError('refused', 'open-directory', `${path} must be a directory of yours, with mode 0700`, hint)
}
