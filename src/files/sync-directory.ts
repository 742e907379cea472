/** Makes new and removed names in a directory durable: a file's own fsync says nothing of its name. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { platform } from 'node:os'

/** Windows cannot open directories; there the file system's journal has to do. */
export function syncDirectory(path: string): void {
  if (platform() === 'win32') return
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
