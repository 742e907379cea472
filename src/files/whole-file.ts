/**
 * Writes a file of mode 0600 that is there whole and durable, or not at all.
 * - The content is written beside its place under a temporary name. The file then takes its own name in one step.
 * - An existing file is replaced only when the caller allows it.
 * - `reserve` makes space for content that is written only after a commit. So a full or forbidden disk is noticed
 *   before the commit.
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
  /** Whether an existing file may be replaced. */
  readonly mayReplace: boolean
  readonly random: (count: number) => Uint8Array
  /** Number of bytes that are written, and durable, before `fill` begins. */
  readonly reserve?: number
  /** The hint of the refusal when a file exists already. */
  readonly hint?: string
}
const REPLACE = 'choose another place, or replace it with --yes'
const NO_LINKS = ['EPERM', 'ENOTSUP', 'ENOSYS']

export type Write = (content: string | Uint8Array) => void

/** Throws `refused` when a file exists and may not be replaced, and when the place cannot be written. */
export async function writeWholeFile<T>(
  path: string,
  { mayReplace, random, reserve = 0, hint = REPLACE }: Place,
  fill: (write: Write) => Promise<T>,
): Promise<T> {
  // A random name that no other file has, so the rmSync below removes only our own file.
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

/**
 * Gives the draft its own name with a link. A link fails when another file was made there meanwhile; a rename would
 * replace that file. FAT (a memory stick) has no links, so there the draft is renamed.
 */
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

/** Writes all bytes at `at`, and returns the place after them. */
function writeAt(fd: number, bytes: Uint8Array, at: number): number {
  for (let offset = 0; offset < bytes.length; )
    offset += writeSync(fd, bytes, offset, bytes.length - offset, at + offset)
  return at + bytes.length
}

function fileExists(path: string, hint: string): KeydeskError {
  return new KeydeskError('refused', 'file-exists', `there is a file at ${path} already`, hint)
}
