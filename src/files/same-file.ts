/**
 * Tells whether a path still names the file that was opened. A store is replaced by a restore in one step; who had the old file open must neither read from it
 * nor write into it any more, for what is written there is lost.
 */
import { statSync } from 'node:fs'
import { replacedStore } from './errors.ts'

export type FileIdentity = {
  /** Throws `busy` when another file, or none, stands at the path. */
  requireSameFile(): void
}

/** The file that stands at the path now, links followed. While it is open, the number of its inode is not given out again. */
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
