/**
 * A file for what is known only after a commit: a mail draft, a picture. A place that cannot be written is said while nothing has happened;
 * nothing lies there if it did not happen; and if it did and the disk failed after all, that is what is said.
 */
import type { Context } from '../context.ts'
import { KeydeskError } from '../errors.ts'
import { type Write, writeWholeFile } from '../store/whole-file.ts'

/** More than a draft with a picture in it takes. */
const RESERVED_BYTES = 65_536
const NEW = { mayReplace: false, reserve: RESERVED_BYTES, hint: 'nothing was changed; choose another name' }

/** `fill` commits, then writes. `again` is what to do where the file could not be finished after it. */
export async function withSecretFile<T>(
  { random }: Pick<Context, 'random'>,
  path: string,
  again: string,
  fill: (write: Write) => Promise<T>,
): Promise<T> {
  let committed = false
  try {
    return await writeWholeFile(path, { ...NEW, random }, (write) =>
      fill((content) => {
        committed = true
        write(content)
      }),
    )
  } catch (error) {
    if (!committed) throw error
    const { code, message } = error as NodeJS.ErrnoException
    throw new KeydeskError(
      'internal',
      'draft-unfinished',
      `it is on record, but the file is not: ${code ?? message}`,
      again,
    )
  }
}

/** The ending says what is in it, to whoever opens it. Throws `usage`. */
export function requireEnding(path: string, flag: string, endings: readonly string[]): void {
  if (endings.some((ending) => path.toLowerCase().endsWith(`.${ending}`))) return
  const wanted = endings.map((ending) => `.${ending}`).join(' or ')
  throw new KeydeskError('usage', 'file-type', `${flag} names a file that ends in ${wanted}`)
}
