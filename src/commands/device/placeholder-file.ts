/**
 * A file with secrets whose other parts take long to make, written in two steps.
 * - Before the commit the file is written with blanks in place of the secrets, under the name FILE.part, with mode 0600
 *   and fsync. A full or read-only disk is found before the commit, and a file left by a crash holds no secret.
 * - After the commit the secrets replace the blanks, byte for byte, and the file gets its name.
 * - A complete file is never removed. If renaming fails, it keeps the name FILE.part.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError, quoteWord } from '../../errors.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import { takePlace } from '../../files/whole-file.ts'

export type PlaceholderFile = {
  /** Writes the file with the blanks. Throws `refused` if it cannot be written. Nothing has changed then. */
  readonly reserve: (blank: string) => void
  /**
   * Overwrites the blanks with `whole`, which has the same length. If that fails, throws `internal`: the commit is
   * done.
   */
  readonly complete: (whole: string) => void
  /** Removes the file unless it is complete, and closes it. */
  readonly abandon: () => void
}

const PART = '.part'

/** The words of the error for a file that could not be completed after the commit. */
export type Unfinished = { readonly what: string; readonly remedy: string }

export function openPlaceholder(path: string, flag: string, { what, remedy }: Unfinished): PlaceholderFile {
  const part = `${path}${PART}`
  // The descriptor stays open: a file that another user puts under this name meanwhile gets no secret.
  let fd: number | null = null
  let completed = false
  const toUnwritable = (why: string) =>
    new KeydeskError('refused', 'unwritable-file', `the file that ${flag} names cannot be written (${why})`, ANOTHER)
  const toUnfinished = (hint: string, how: string) => (why: string) =>
    new KeydeskError('internal', 'draft-unfinished', `it is on record, ${how} (${why})`, hint)
  return {
    reserve(blank) {
      trying(toUnwritable, () => {
        // An empty path comes from an unset shell variable. The part could be written, but could get no name after the
        // commit.
        if (path === '') throw fault('no name')
        if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw fault('it is there already')
        fd ??= openSync(part, 'wx', 0o600)
        ftruncateSync(fd, 0)
        writeWhole(fd, blank)
      })
    },
    complete(whole) {
      const held = fd as number
      trying(toUnfinished(remedy, `but ${what} could not be finished`), () => {
        if (!isSame(held, part)) throw fault('another file took its place')
        writeWhole(held, whole)
      })
      completed = true
      const hint = `move it: mv ${quoteWord(part)} FILE`
      trying(toUnfinished(hint, `and ${what} is whole, but could not be given its name`), () => {
        takePlace(part, path)
        rmSync(part, { force: true })
        syncDirectory(dirname(path))
      })
    },
    abandon() {
      if (fd === null) return
      if (!completed && isSame(fd, part)) rmSync(part)
      closeSync(fd)
      fd = null
    },
  }
}

/** An error like those of the system: `code` says why. */
const fault = (why: string) => Object.assign(new Error(why), { code: why })

function trying(toError: (why: string) => KeydeskError, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw toError((error as NodeJS.ErrnoException).code ?? 'fault')
  }
}

/** True if `path` still names the open file. */
function isSame(fd: number, path: string): boolean {
  const [held, named] = [fstatSync(fd), lstatSync(path, { throwIfNoEntry: false })]
  return named?.ino === held.ino && named.dev === held.dev
}

const ANOTHER = 'nothing was changed; choose another name'

function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset, bytes.length - offset, offset)
  fsyncSync(fd)
}
