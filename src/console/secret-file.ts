/**
 * Writes a file whose content is known only after a commit: a mail draft or a picture.
 * - A path that cannot be written is refused before the commit.
 * - Without the commit no file stays behind.
 * - If the file fails after the commit, the error says what is committed and which command continues from there.
 */
import type { Context } from '../context.ts'
import { describeError, KeydeskError } from '../errors.ts'
import { writeWholeFile } from '../files/whole-file.ts'

/** Larger than a draft with a picture in it. */
const RESERVED_BYTES = 65_536
const NEW = { mayReplace: false, reserve: RESERVED_BYTES, hint: 'nothing was changed; choose another name' }

/** The commit, and the content that is drawn from its answer. */
export type SecretFile<T> = {
  /** Commits. It also reads everything else that `draw` needs (a wording), because the store is not used afterwards. */
  readonly commit: () => Promise<T>
  readonly draw: (committed: T) => string | Uint8Array | Promise<string | Uint8Array>
  /** The words of the error after the commit: `what` is committed, and `again` is the way to continue. */
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
  // “Nothing was changed” is true of the file, but not of the desk after the commit.
  const why = describeError(error).message.replace(/; nothing was changed$/, '')
  return new KeydeskError(
    'internal',
    'draft-unfinished',
    `${what} is on record, but the file is not there: ${why}`,
    again,
  )
}

/** Throws `usage` unless the path has one of the endings, by which other programs know the file type. */
export function requireEnding(path: string, flag: string, endings: readonly string[]): void {
  if (endings.some((ending) => path.toLowerCase().endsWith(`.${ending}`))) return
  const wanted = endings.map((ending) => `.${ending}`).join(' or ')
  throw new KeydeskError('usage', 'file-type', `${flag} names a file that ends in ${wanted}`)
}
