/**
 * Tells whether a path still names the file that was opened. A restore replaces the store in one step. A process that
 * has the old file open must then not read it or write to it: such writes are lost.
 */
import { statSync } from 'node:fs'
import { replacedStore } from './errors.ts'

export type FileIdentity = {
  /** Throws `busy` when another file, or none, is at the path. */
  requireSameFile(): void
}

/**
 * The file that is at the path now; follows links. While the file is open, its inode number is not given to another
 * file.
 */
export function identifyFile(path: string): FileIdentity {
  const look = () => statSync(path, { bigint: true, throwIfNoEntry: false })
  const first = look()
  return {
    requireSameFile() {
      const now = look()
      if (first === undefined || now?.ino !== first.ino || now.dev !== first.dev) throw replacedStore(path)
    },
  }
}
