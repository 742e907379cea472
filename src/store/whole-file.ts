/**
 * A file of its owner's, that is there whole and durable or not at all: written beside its place under another name, which it
 * then gives up in one step. Another file's place it takes only when told to.
 */
import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { encodeHex } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { syncDirectory } from './directory.ts'
import { toStoreError } from './store-errors.ts'

type Place = {
  /** Whether another file that is there may be replaced. */
  readonly mayReplace: boolean
  readonly random: (count: number) => Uint8Array
}

/** Throws `refused` for a file that is there already, unless it may be replaced, and for a place that cannot be written. */
export async function writeWholeFile<T>(
  path: string,
  { mayReplace, random }: Place,
  fill: (write: (text: string) => void) => Promise<T>,
): Promise<T> {
  // A name that nobody has: what is removed below is ours.
  const draft = `${path}.${encodeHex(random(8))}.new`
  try {
    if (!mayReplace && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw fileExists(path)
    const result = await fillDraft(draft, fill)
    // A link, for it fails where a rename would take the place of a file that was made meanwhile.
    if (mayReplace) renameSync(draft, path)
    else linkSync(draft, path)
    syncDirectory(dirname(path))
    return result
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExists(path) : toStoreError(error, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

async function fillDraft<T>(draft: string, fill: (write: (text: string) => void) => Promise<T>): Promise<T> {
  const fd = openSync(draft, 'wx', 0o600)
  try {
    const result = await fill((text) => writeAll(fd, Buffer.from(text, 'utf8')))
    fsyncSync(fd)
    return result
  } finally {
    closeSync(fd)
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset)
}

function fileExists(path: string): KeydeskError {
  const hint = 'choose another place, or replace it with --yes'
  return new KeydeskError('refused', 'file-exists', `there is a file at ${path} already`, hint)
}
