/**
 * The device's files and the directory that is theirs alone. Files are 0600, the directory 0700; what others could have changed is
 * refused, not read. A durable write is whole or not there; only one process writes at a time.
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
 * The state in the open, the sealed settings database, what stands in for an open app's memory and for the platform's keystore, and the
 * lock between processes.
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
  /** Whether there is a device already, in whatever state. */
  readonly isClaimed: () => boolean
  /** Null when there is no such file. Throws `refused` when others may write it or the directory. */
  readonly readFile: (file: StoredFile) => Uint8Array | null
  /** Replaces the file as a whole; on return it will survive a power failure. */
  readonly writeDurably: (file: StoredFile, bytes: Uint8Array) => void
  /** Makes a new file that need not survive one, and leaves no second copy of it anywhere. */
  readonly writeBriefly: (file: StoredFile, bytes: Uint8Array) => void
  /** Removes the file for good, if there is one. */
  readonly remove: (file: StoredFile) => void
  /** Makes the directory, or takes an empty one. Throws `refused` when something else lives there. */
  readonly claimDirectory: () => void
  /** Runs `work` while no other process does. Throws `busy` when its turn does not come. */
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

/** The files of the device in `directory`, an absolute path, which need not exist yet. */
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

/** The lock is an empty file; `a` and not `wx`, for another process may be making it too. */
function prepareLock(disk: Disk, directory: string, path: string): void {
  if (!checkDirectory(disk, directory)) throw KeydeskError.of(noDevice(directory))
  explainFault('write', path, () => {
    if (!checkFile(disk, path, 'not-writable')) disk.files.closeSync(disk.files.openSync(path, 'a', 0o600))
  })
}

/** What an enrolment that was cut short left here is ours, and may stay. */
function claimDirectory(disk: Disk, directory: string): void {
  makeDirectory(disk, directory)
  const ours = Object.values(FILES).flatMap((name) => [name, `${name}${FRESH_SUFFIX}`])
  const foreign = disk.files.readdirSync(directory).find((name) => !ours.includes(name))
  if (foreign !== undefined) throw KeydeskError.of(notEmpty(directory, foreign))
  disk.files.chmodSync(directory, 0o700)
}

/** Faults that are the caller's to mend, not the disk's. */
const FORBIDDEN = ['EACCES', 'EEXIST', 'ENOTDIR', 'EPERM', 'EROFS']

/** A fault of the disk in words: what was being done, and the system's own name for why not. */
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
