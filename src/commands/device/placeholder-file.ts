/**
 * A file with secrets whose other parts take long to make. It is written with blanks in place of the secrets, 0600 and durable, under another
 * name: a full or forbidden disk is known before anything is committed, and what is left behind by a crash opens nothing. After the commit
 * the secrets take the places of the blanks, byte for byte, and the file takes its name. What is whole by then is never removed, though it
 * may have to keep its other name.
 */
import { closeSync, fstatSync, fsyncSync, ftruncateSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { KeydeskError, quoteWord } from '../../errors.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import { takePlace } from '../../files/whole-file.ts'

export type PlaceholderFile = {
  /** Writes the file with the blanks. Throws `refused` where it cannot be written; nothing has happened then. */
  readonly reserve: (blank: string) => void
  /** Puts the whole, of the same length, in its place. Throws `internal` with what has happened by now. */
  readonly complete: (whole: string) => void
  /** Removes what was reserved and not completed, and lets go of it. */
  readonly abandon: () => void
}

const PART = '.part'

/** What is said of a file that could not be completed after the commit. */
export type Unfinished = { readonly what: string; readonly remedy: string }

export function openPlaceholder(path: string, flag: string, { what, remedy }: Unfinished): PlaceholderFile {
  const part = `${path}${PART}`
  // Held open: what others put under its name meanwhile, where they may write to the folder, gets no secret.
  let fd: number | null = null
  let completed = false
  const toUnwritable = (why: string) =>
    new KeydeskError('refused', 'unwritable-file', `the file that ${flag} names cannot be written (${why})`, ANOTHER)
  const toUnfinished = (hint: string, how: string) => (why: string) =>
    new KeydeskError('internal', 'draft-unfinished', `it is on record, ${how} (${why})`, hint)
  return {
    reserve(blank) {
      trying(toUnwritable, () => {
        // A variable that was never set: the part would be written, and could take no name after the commit.
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

/** As the system says it: with a word for why. */
const fault = (why: string) => Object.assign(new Error(why), { code: why })

function trying(toError: (why: string) => KeydeskError, work: () => void): void {
  try {
    work()
  } catch (error) {
    throw toError((error as NodeJS.ErrnoException).code ?? 'fault')
  }
}

/** Whether the file that is held open still has that name. */
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
