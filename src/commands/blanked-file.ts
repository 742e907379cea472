/**
 * A file with secrets whose other parts take long to make. It is written with blanks in place of the secrets, 0600 and durable, under another
 * name: a full or forbidden disk is known before anything is committed, and what is left behind by a crash opens nothing. After the commit
 * the secrets take the places of the blanks, byte for byte, and the file takes its name. What is whole by then is never removed, though it
 * may have to keep its other name.
 */
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError } from '../errors.ts'
import { syncDirectory } from '../store/directory.ts'
import { quoteWord } from './input.ts'

export type BlankedFile = {
  /** Writes the file with the blanks. Throws `refused` where it cannot be written; nothing has happened then. */
  readonly reserve: (blank: string) => void
  /** Puts the whole, of the same length, in its place. Throws `internal` with what has happened by now. */
  readonly complete: (whole: string) => void
  /** Removes what was reserved and not completed. */
  readonly abandon: () => void
}

const PART = '.part'

/** What is said of a file that could not be completed after the commit. */
export type Unfinished = { readonly what: string; readonly remedy: string }

export function openBlanked(path: string, flag: string, { what, remedy }: Unfinished): BlankedFile {
  const part = `${path}${PART}`
  let reserved = false
  let completed = false
  const unwritable = (why: string) =>
    new KeydeskError('refused', 'unwritable-file', `the file that ${flag} names cannot be written (${why})`, ANOTHER)
  return {
    reserve(blank) {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw unwritable('it is there already')
      try {
        // Reserved again, it is written again: over our own file, and over no other.
        if (reserved) rmSync(part, { force: true })
        writeWhole(openSync(part, 'wx', 0o600), blank)
        reserved = true
      } catch (error) {
        throw unwritable((error as NodeJS.ErrnoException).code ?? 'fault')
      }
    },
    complete(whole) {
      orSay(remedy, `but ${what} could not be finished`, () => writeWhole(openSync(part, 'r+'), whole))
      completed = true
      orSay(`move it: mv ${quoteWord(part)} FILE`, `and ${what} is whole, but could not be given its name`, () => {
        // Made meanwhile by somebody, who may need it as much.
        if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
          throw Object.assign(new Error('taken'), { code: 'EEXIST' })
        renameSync(part, path)
        syncDirectory(dirname(path))
      })
    },
    abandon() {
      if (reserved && !completed) rmSync(part, { force: true })
    },
  }
}

const ANOTHER = 'nothing was changed; choose another name'

function orSay(hint: string, message: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'fault'
    throw new KeydeskError('internal', 'draft-unfinished', `it is on record, ${message} (${code})`, hint)
  }
}

function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset, bytes.length - offset, offset)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
