/**
 * The device's files, in a directory of their own.
 * - Files have mode 0600, the directory 0700. A file that other users could have changed is refused, not read.
 * - A durable write is there whole or not at all.
 * - Only one process writes at a time.
 */
import { join } from 'node:path'
import { KeydeskError } from '../errors.ts'
import {
  createFile,
  type Disk,
  type FileCalls,
  FRESH_SUFFIX,
  makeDirectory,
  nodeFiles,
  removeFile,
  replaceFile,
} from './durable.ts'
import { holdExclusively } from './exclusive.ts'
import { checkDirectory, checkFile, lookUp } from './ownership.ts'
import { noDevice, notEmpty } from './refusals.ts'

/**
 * The names of the device's files.
 * - `state` is not encrypted. `settings` is the sealed settings database.
 * - `session` stands in for the memory of an open app, `keystore` for the keystore of the platform.
 * - `lock` is the lock between processes.
 */
export const FILES = {
  state: 'device.json',
  settings: 'settings.sealed',
  session: 'session',
  keystore: 'keystore',
  lock: 'lock.db',
} as const
export type StoredFile = 'state' | 'settings' | 'session' | 'keystore'

export type Storage = {
  readonly directory: string
  /** Whether there is a device already, even a damaged one. */
  readonly isClaimed: () => boolean
  /**
   * Null when there is no such file. Throws `refused` when other users may write the file or the directory, or may read
   * `session` or `keystore`. Throws `damaged` when it is not a plain file.
   */
  readonly readFile: (file: StoredFile) => Uint8Array | null
  /** Replaces the file as a whole. When the call returns, the new file survives a power failure. */
  readonly writeDurably: (file: StoredFile, bytes: Uint8Array) => void
  /** Makes a new file directly, so that no second copy of it stays anywhere. It need not survive a power failure. */
  readonly writeBriefly: (file: StoredFile, bytes: Uint8Array) => void
  /** Removes the file, if there is one. It stays removed after a power failure. */
  readonly remove: (file: StoredFile) => void
  /** Makes the directory, or takes one without foreign files. Throws `refused` when it holds foreign files. */
  readonly claimDirectory: () => void
  /** Runs `work` while no other process does. Throws `busy` when the lock is not free within `lockWaitMs`. */
  readonly exclusively: <T>(work: () => T) => T
}

export type StorageOptions = {
  /** Numeric id of the user we run as; null where there is none (Windows). */
  readonly uid: number | null
  readonly files?: FileCalls
  /** How long to wait for another process, in milliseconds. */
  readonly lockWaitMs?: number
}
const LOCK_WAIT_MS = 10_000

/** Opens the files of the device in `directory`, an absolute path. The directory need not exist yet. */
export function openStorage(
  directory: string,
  { uid, files = nodeFiles, lockWaitMs = LOCK_WAIT_MS }: StorageOptions,
): Storage {
  const disk: Disk = { files, uid }
  const path = (file: keyof typeof FILES): string => join(directory, FILES[file])
  const explain = <T>(verb: string, file: keyof typeof FILES, work: () => T): T => explainFault(verb, path(file), work)
  return {
    directory,
    isClaimed: () => explain('read', 'state', () => lookUp(path('state'), files.lstatSync) !== undefined),
    readFile: (file) => {
      const protection = file === 'session' || file === 'keystore' ? 'not-readable' : 'not-writable'
      return explain('read', file, () => {
        if (!checkDirectory(disk, directory) || !checkFile(disk, path(file), protection)) return null
        return new Uint8Array(files.readFileSync(path(file)))
      })
    },
    writeDurably: (file, bytes) => explain('write', file, () => replaceFile(disk, path(file), bytes)),
    writeBriefly: (file, bytes) =>
      explain('write', file, () => createFile(disk, path(file), bytes, { durable: false })),
    remove: (file) => explain('remove', file, () => removeFile(disk, path(file))),
    claimDirectory: () => explainFault('use', directory, () => claimDirectory(disk, directory)),
    exclusively: (work) => {
      prepareLock(disk, directory, path('lock'))
      return holdExclusively(path('lock'), lockWaitMs, work)
    },
  }
}

/**
 * Makes the lock file, which is empty, unless it is there. The flag is `a`, not `wx`, because another process may be
 * making the file at the same time. Throws `notfound` when the directory does not exist.
 */
function prepareLock(disk: Disk, directory: string, path: string): void {
  if (!checkDirectory(disk, directory)) throw KeydeskError.of(noDevice(directory))
  explainFault('write', path, () => {
    if (!checkFile(disk, path, 'not-writable')) disk.files.closeSync(disk.files.openSync(path, 'a', 0o600))
  })
}

/** The files that an interrupted enrolment left are the device's own, and may stay. */
function claimDirectory(disk: Disk, directory: string): void {
  makeDirectory(disk, directory)
  const ours = Object.values(FILES).flatMap((name) => [name, `${name}${FRESH_SUFFIX}`])
  const foreign = disk.files.readdirSync(directory).find((name) => !ours.includes(name))
  if (foreign !== undefined) throw KeydeskError.of(notEmpty(directory, foreign))
  disk.files.chmodSync(directory, 0o700)
}

/** Errors that the caller can fix. All others are faults of the disk. */
const FORBIDDEN = ['EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS']

/** Turns a system error into a KeydeskError that names the action, the path and the system's error code. */
function explainFault<T>(verb: string, path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (error instanceof KeydeskError || code === undefined) throw error
    const kind = FORBIDDEN.includes(code) ? 'refused' : 'internal'
    throw new KeydeskError(kind, 'storage', `cannot ${verb} ${path}: ${code}`, 'mend that, and run the command again')
  }
}
