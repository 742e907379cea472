/**
 * A file of its owner's, that is there whole and durable or not at all: written beside its place under another name, which it
 * then gives up in one step. Another file's place it takes only when told to. What is written only after a commit has its room
 * reserved before it, so that a full or forbidden disk is known while nothing has happened.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { encodeHex } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import { toStoreError } from './errors.ts'
import { syncDirectory } from './sync-directory.ts'

type Place = {
  /** Whether another file that is there may be replaced. */
  readonly mayReplace: boolean
  readonly random: (count: number) => Uint8Array
  /** Bytes that are written, and durable, before `fill` begins. */
  readonly reserve?: number
  /** What to do where a file is there already. */
  readonly hint?: string
}
const REPLACE = 'choose another place, or replace it with --yes'
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

export type Write = (content: string | Uint8Array) => void

/** Throws `refused` for a file that is there already, unless it may be replaced, and for a place that cannot be written. */
export async function writeWholeFile<T>(
  path: string,
  { mayReplace, random, reserve = 0, hint = REPLACE }: Place,
  fill: (write: Write) => Promise<T>,
): Promise<T> {
  // A name that nobody has: what is removed below is ours.
  const draft = `${path}.${encodeHex(random(8))}.new`
  try {
    if (!mayReplace && lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw fileExists(path, hint)
    const result = await fillDraft(draft, reserve, fill)
    if (mayReplace) renameSync(draft, path)
    else takePlace(draft, path)
    syncDirectory(dirname(path))
    return result
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? fileExists(path, hint) : toStoreError(error, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** By a link, for it fails where a rename would take the place of a file that was made meanwhile. A memory stick (FAT) has none. */
export function takePlace(draft: string, path: string): void {
  try {
    linkSync(draft, path)
  } catch (error) {
    const hasLinks = !NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')
    if (hasLinks || lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw error
    renameSync(draft, path)
  }
}

async function fillDraft<T>(draft: string, reserve: number, fill: (write: Write) => Promise<T>): Promise<T> {
  const fd = openSync(draft, 'wx', 0o600)
  try {
    if (reserve > 0) {
      writeAt(fd, new Uint8Array(reserve), 0)
      fsyncSync(fd)
    }
    let end = 0
    const result = await fill((content) => {
      end = writeAt(fd, typeof content === 'string' ? Buffer.from(content, 'utf8') : content, end)
    })
    ftruncateSync(fd, end)
    fsyncSync(fd)
    return result
  } finally {
    closeSync(fd)
  }
}

/** The place behind what was written. */
function writeAt(fd: number, bytes: Uint8Array, at: number): number {
  for (let offset = 0; offset < bytes.length; )
    offset += writeSync(fd, bytes, offset, bytes.length - offset, at + offset)
  return at + bytes.length
}

function fileExists(path: string, hint: string): KeydeskError {
  return new KeydeskError('refused', 'file-exists', `there is a file at ${path} already`, hint)
}
