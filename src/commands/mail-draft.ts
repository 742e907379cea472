/**
 * A mail draft (or another file) of its own, for what must be written if it happened, and must not stand anywhere if it did not. First the draft
 * is written with a blank in place of the secret, 0600 and durable, under another name: a full or forbidden disk is known before
 * anything is committed. After the commit the secret takes the blank's place, byte for byte, and the file takes its name.
 */
import { closeSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { KeydeskError } from '../errors.ts'

export type DraftFile = {
  /** Writes the draft with the blank. Throws `usage` where it cannot be written; nothing has happened then. */
  readonly reserve: (blank: string) => void
  /** Puts the whole draft, of the same length, in its place. Throws `internal` with what has happened by now. */
  readonly complete: (whole: string) => void
  /** Removes what was reserved and not completed. */
  readonly abandon: () => void
}

const PART = '.part'

/** What is said of a draft that could not be completed after the commit. */
export type Unfinished = { readonly what: string; readonly remedy: string }
const MAIL: Unfinished = { what: 'the mail', remedy: 'issue another: the newer one replaces it' }

export function openDraft(path: string, flag: string, { what, remedy }: Unfinished = MAIL): DraftFile {
  const part = `${path}${PART}`
  let reserved = false
  let completed = false
  const unwritable = (why: string) =>
    new KeydeskError('usage', 'unwritable-file', `the file that ${flag} names cannot be written (${why})`, ANOTHER)
  return {
    reserve(blank) {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw unwritable('it is there already')
      try {
        // Decided again after a conflict, the draft is written again: over our own file, and over no other.
        if (reserved) rmSync(part, { force: true })
        writeWhole(openSync(part, 'wx', 0o600), blank)
        reserved = true
      } catch (error) {
        throw unwritable((error as NodeJS.ErrnoException).code ?? 'fault')
      }
    },
    complete(whole) {
      try {
        writeWhole(openSync(part, 'r+'), whole)
        renameSync(part, path)
        completed = true
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        const message = `it is on record, but ${what} could not be finished (${code ?? 'fault'})`
        throw new KeydeskError('internal', 'draft-unfinished', message, remedy)
      }
    },
    abandon() {
      if (reserved && !completed) rmSync(part, { force: true })
    },
  }
}

const ANOTHER = 'nothing was changed; choose another name'

function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset, bytes.length - offset, offset)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
