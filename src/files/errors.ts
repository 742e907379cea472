/**
 * Turns errors of SQLite and of the file system into refusals that tell the operator what to do.
 * Our own errors pass unchanged. So does any other error: it is a bug of ours.
 */
import { KeydeskError } from '../errors.ts'

/** Primary result codes of SQLite (sqlite.org/rescode.html). */
const BUSY = [5, 6]
const READ_ONLY = [3, 8, 14, 23]
/**
 * 13 is a full disk. 778 is a write that failed, for example over a quota or a limit: SQLite cannot tell that from a
 * broken disk.
 */
const FULL = 13
const WRITE_FAILED = 778
const DISK = [10]
/**
 * Result codes of a damaged store. Our own statements cause none of them.
 * - 11 is "corrupt" and 26 is "not a database".
 * - 1 is a schema that cannot be parsed, and 18 a value that is longer than any of ours.
 * - 19 is a key that exists twice, 20 a key of the wrong type, and 24 an unknown format.
 */
const DAMAGED = [1, 11, 18, 19, 20, 24, 26]
/** SQLITE_READONLY_DBMOVED: the open file no longer has the name under which it was opened. */
const MOVED = 1032
const FORBIDDEN = ['EACCES', 'EROFS', 'EPERM']
const NO_ROOM = ['ENOSPC', 'EDQUOT', 'EFBIG']
const NO_PLACE = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG']

/**
 * Translates an error of SQLite; any other error passes. For places where other code runs too, whose errors are not
 * about the store.
 */
export function toSqliteError(error: unknown, path: string): unknown {
  const { errcode, code } = (error ?? {}) as { errcode?: number; code?: string }
  // SQLite returned an integer beyond 2^53, and Node throws for it. We never write such an integer, so the store is
  // damaged.
  if (code === 'ERR_OUT_OF_RANGE') return damagedStore(path, 'it cannot be read')
  if (errcode === undefined) return error
  // The low byte is the primary result code. The higher bytes tell where the error arose.
  const primary = errcode & 0xff
  if (errcode === MOVED) return replacedStore(path)
  if (BUSY.includes(primary))
    return new KeydeskError('busy', 'busy', `another process is using ${path}`, 'try again in a moment')
  if (primary === FULL || errcode === WRITE_FAILED) return noRoom(path)
  if (DAMAGED.includes(primary)) return damagedStore(path, 'it cannot be read')
  if (READ_ONLY.includes(primary)) return notWritable(path)
  return DISK.includes(primary) ? diskError(path) : error
}

/** Translates an error of SQLite or of the file system; any other error passes. */
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

/** The disk may have failed after the last byte was written. Only the audit log shows whether the change was kept. */
function diskError(path: string): KeydeskError {
  return new KeydeskError(
    'damaged',
    'disk-error',
    `the disk failed under ${path}`,
    'check the disk and its quota, then whether all holds: keydesk store verify',
  )
}

/** Another file has taken the store's place since it was opened. The old file must not be read or written any more. */
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

/** Runs `work` and translates the errors that it throws into refusals about `path`. */
export function guardStore<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error, path)
  }
}
