/**
 * Writing that survives a power failure.
 * - The steps: a new file beside the old one, all its bytes, fsync, rename, fsync of the directory.
 * - A reader finds the old file or the new one, each of them whole.
 * - Every system call goes through `FileCalls`. So a test can make any call fail, or cut the power there.
 */
import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** The functions of node:fs that the device uses. */
export type FileCalls = Pick<
  typeof fs,
  | 'chmodSync'
  | 'closeSync'
  | 'fsyncSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readFileSync'
  | 'readdirSync'
  | 'renameSync'
  | 'rmSync'
  | 'statSync'
  | 'writeSync'
>
export const nodeFiles: FileCalls = fs

/** `uid` is the user we run as; null on Windows, which has no modes and cannot open directories. */
export type Disk = { readonly files: FileCalls; readonly uid: number | null }
/** The suffix of the new file until it takes the old one's name. */
export const FRESH_SUFFIX = '.new'

export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const fresh = `${path}${FRESH_SUFFIX}`
  // A file that a crash left here was never renamed into place. No other process uses it, because the lock is held.
  disk.files.rmSync(fresh, { force: true })
  createFile(disk, fresh, bytes, { durable: true })
  disk.files.renameSync(fresh, path)
  syncDirectory(disk, dirname(path))
}

/** `wx` never follows a link, and never writes into an existing file, whose mode could be wrong. */
export function createFile({ files }: Disk, path: string, bytes: Uint8Array, { durable }: { durable: boolean }): void {
  const fd = files.openSync(path, 'wx', 0o600)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += files.writeSync(fd, bytes, offset)
    if (durable) files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
}

/** Removes the file, if there is one. The directory is synced, so the file does not come back after a power failure. */
export function removeFile(disk: Disk, path: string): void {
  disk.files.rmSync(path, { force: true })
  syncDirectory(disk, dirname(path))
}

/** Makes the directory and its missing parents, all with mode 0700. */
export function makeDirectory(disk: Disk, directory: string): void {
  const first = disk.files.mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = directory; made.length >= first.length; made = dirname(made)) syncDirectory(disk, dirname(made))
}

/**
 * Makes new, renamed and removed names in the directory durable. Windows cannot open directories, so nothing is done
 * there.
 */
function syncDirectory({ files, uid }: Disk, directory: string): void {
  if (uid === null) return
  const fd = files.openSync(directory, 'r')
  try {
    files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
}
