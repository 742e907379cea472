/**
 * A file that is about to hold a secret: made before anything is committed, so that a place that cannot be written is said while nothing
 * has happened; for its owner alone, never over another file, and gone again if there is nothing to put into it.
 */
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { KeydeskError } from '../errors.ts'

/** `fill` gets what writes the file. Throws `usage` when it is there already or cannot be made. */
export async function withPrivateFile<T>(
  path: string,
  flag: string,
  fill: (write: (content: Uint8Array | string) => void) => Promise<T>,
): Promise<T> {
  const file = openNew(path, flag)
  let written = false
  try {
    return await fill((content) => {
      writeFileSync(file, content, { flush: true })
      written = true
    })
  } finally {
    closeSync(file)
    if (!written) rmSync(path, { force: true })
  }
}

function openNew(path: string, flag: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const message =
      code === 'EEXIST' ? `there is a file at ${path} already` : `the file that ${flag} names cannot be made (${code})`
    throw new KeydeskError('usage', 'unwritable-file', message, `choose another name for ${flag}`)
  }
}
