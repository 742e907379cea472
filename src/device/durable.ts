/**
 * Writing that survives a power failure: a new file beside the old one, all its bytes, fsync, rename, fsync of the directory. Whoever
 * reads finds the old file or the new one, whole. Every call to the system goes through `FileCalls`, so that tests can fail
 * any one of them, or let the power go there.
 */
import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** What of node:fs the device uses. */
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
/** What the new file is called until it takes the old one's name. */
export const FRESH_SUFFIX = '.new'

export function replaceFile(disk: Disk, path: string, bytes: Uint8Array): void {
  const fresh = `${path}${FRESH_SUFFIX}`
  // What a crash left behind was never adopted, and only one process is ever here.
  disk.files.rmSync(fresh, { force: true })
  createFile(disk, fresh, bytes, { durable: true })
  disk.files.renameSync(fresh, path)
  syncDirectory(disk, dirname(path))
}

/** `wx`: never through a link, never into a file whose mode is not ours. */
export function createFile({ files }: Disk, path: string, bytes: Uint8Array, { durable }: { durable: boolean }): void {
  const fd = files.openSync(path, 'wx', 0o600)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += files.writeSync(fd, bytes, offset)
    if (durable) files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
}

/** Removes the file, if there is one, so that it does not come back. */
export function removeFile(disk: Disk, path: string): void {
  disk.files.rmSync(path, { force: true })
  syncDirectory(disk, dirname(path))
}

/** Makes the directory and those above it that are missing, all 0700. */
export function makeDirectory(disk: Disk, directory: string): void {
  const first = disk.files.mkdirSync(directory, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = directory; made.length >= first.length; made = dirname(made)) syncDirectory(disk, dirname(made))
}

/** A name is durable when its directory is. */
function syncDirectory({ files, uid }: Disk, directory: string): void {
  if (uid === null) return
  const fd = files.openSync(directory, 'r')
  try {
    files.fsyncSync(fd)
  } finally {
    files.closeSync(fd)
  }
}
