/** Makes new and removed names in a directory durable: the fsync of a file does not cover its name. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { platform } from 'node:os'

/** Does nothing on Windows, which cannot open directories. There we rely on the journal of the file system. */
export function syncDirectory(path: string): void {
  if (platform() === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
