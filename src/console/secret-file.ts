/**
 * A file for what is known only after a commit: a mail draft, a picture. A place that cannot be written is said while nothing has happened;
 * nothing lies there if it did not happen; and if it did and the file cannot be made after all, the error says what is on record, and the
 * command that goes on from there.
 */
import type { Context } from '../context.ts'
import { describeError, KeydeskError } from '../errors.ts'
import { writeWholeFile } from '../files/whole-file.ts'

/** More than a draft with a picture in it takes. */
const RESERVED_BYTES = 65_536
const NEW = { mayReplace: false, reserve: RESERVED_BYTES, hint: 'nothing was changed; choose another name' }

/** What goes on record, and what is written then. */
export type SecretFile<T> = {
  /** What the file needs beside the answer (a wording) is read before this commits: the store is asked nothing afterwards. */
  readonly commit: () => Promise<T>
  readonly draw: (committed: T) => string | Uint8Array | Promise<string | Uint8Array>
  /** What is on record by then, and what to do where the file could not be finished. */
  readonly what: string
  readonly again: (committed: T) => string
}

export async function withSecretFile<T>(
  { random }: Pick<Context, 'random'>,
  path: string,
  { commit, draw, what, again }: SecretFile<T>,
): Promise<T> {
  let unfinished: ((error: unknown) => KeydeskError) | null = null
  try {
    return await writeWholeFile(path, { ...NEW, random }, async (write) => {
      const committed = await commit()
      unfinished = (error) => unfinishedFile(what, error, again(committed))
      write(await draw(committed))
      return committed
    })
  } catch (error) {
    throw (unfinished as ((error: unknown) => KeydeskError) | null)?.(error) ?? error
  }
}

function unfinishedFile(what: string, error: unknown, again: string): KeydeskError {
  // “Nothing was changed” is said of a file; by now it is not true of the desk.
  const why = describeError(error).message.replace(/; nothing was changed$/, '')
  return new KeydeskError(
    'internal',
    'draft-unfinished',
    `${what} is on record, but the file is not there: ${why}`,
    again,
  )
}

/** The ending says what is in it, to whoever opens it. Throws `usage`. */
export function requireEnding(path: string, flag: string, endings: readonly string[]): void {
  if (endings.some((ending) => path.toLowerCase().endsWith(`.${ending}`))) return
  const wanted = endings.map((ending) => `.${ending}`).join(' or ')
  throw new KeydeskError('usage', 'file-type', `${flag} names a file that ends in ${wanted}`)
}
