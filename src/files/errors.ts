/**
 * What SQLite and the file system say, as what the operator can do about it. Errors of our own pass unchanged, and so does what is
 * neither: that is a fault of ours.
 */
import { KeydeskError } from '../errors.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = [5, 6]
const READ_ONLY = [3, 8, 14, 23]
/** A full disk; and a write that failed for a quota or a limit, which SQLite does not tell from a broken disk. */
const FULL = 13
const WRITE_FAILED = 778
const DISK = [10]
/**
 * Beside "corrupt" and "not a database": a schema that cannot be parsed (1), a value that is longer than any of ours (18), a key
 * that is there twice (19) or of the wrong type (20), a format that is not known (24). Our own statements give none of them.
 */
const DAMAGED = [1, 11, 18, 19, 20, 24, 26]
/** SQLITE_READONLY_DBMOVED: the file that is open is no more the one of that name. */
const MOVED = 1032
const FORBIDDEN = ['EACCES', 'EROFS', 'EPERM']
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG']
const NO_PLACE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']

/** What SQLite says; anything else passes. For a place where others' code runs too, whose errors are not about the store. */
export function toSqliteError(error: unknown, path: string): unknown {
  const { errcode, code } = (error ?? {}) as { errcode?: number; code?: string }
  // An integer beyond 2^53 is none of ours; Node throws where SQLite returned it.
  if (code === 'ERR_OUT_OF_RANGE') return damagedStore(path, 'it cannot be read')
  if (errcode === undefined) return error
  // The low byte is the primary result code; the rest of it tells where.
  const primary = errcode & 0xff
  if (errcode === MOVED) return replacedStore(path)
  if (BUSY.includes(primary))
    return new KeydeskError('busy', 'busy', `another process is using ${path}`, 'try again in a moment')
  if (primary === FULL || errcode === WRITE_FAILED) return noRoom(path)
  if (DAMAGED.includes(primary)) return damagedStore(path, 'it cannot be read')
  if (READ_ONLY.includes(primary)) return notWritable(path)
  return DISK.includes(primary) ? diskError(path) : error
}

/** What SQLite or the file system says; an error that is neither passes. */
export function toStoreError(error: unknown, path: string): unknown {
  const { code = '' } = (error ?? {}) as { code?: string }
  if (NO_ROOM.includes(code)) return noRoom(path)
  if (FORBIDDEN.includes(code)) return notWritable(path)
  if (code === 'EIO') return diskError(path)
  if (NO_PLACE.includes(code)) {
    return new KeydeskError(
      'refused',
      'no-such-place',
      `nothing can be made at ${path} (${code})`,
      'choose another place',
    )
  }
  return toSqliteError(error, path)
}

function noRoom(path: string): KeydeskError {
  return new KeydeskError(
    'refused',
    'disk-full',
    `${path} could not be written; nothing was changed`,
    'free some space, mend the disk or choose another one, then repeat the command',
  )
}

function notWritable(path: string): KeydeskError {
  return new KeydeskError(
    'refused',
    'not-writable',
    `${path} cannot be opened or written`,
    'check who owns the file and its directory, and their modes',
  )
}

/** Whether the change was kept, only the record can tell: the disk may have failed after the last byte was written. */
function diskError(path: string): KeydeskError {
  return new KeydeskError(
    'damaged',
    'disk-error',
    `the disk failed under ${path}`,
    'check the disk and its quota, then whether all holds: keydesk store verify',
  )
}

/** Another file has taken the store's place since it was opened: nothing may be read from the old one, nor written to it. */
export function replacedStore(path: string): KeydeskError {
  return new KeydeskError(
    'busy',
    'store-replaced',
    `another file took the place of ${path} meanwhile; nothing was changed`,
    'repeat the command; if the store was not restored just now, find out who put the file there',
  )
}

export function damagedStore(path: string, why: string): KeydeskError {
  return new KeydeskError(
    'damaged',
    'damaged-store',
    `${path} does not verify: ${why}`,
    'put the newest backup back: keydesk store restore FILE',
  )
}

/** Runs `work`, and says of what it throws what it means for `path`. */
export function guardStore<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error, path)
  }
}
