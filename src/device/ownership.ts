/**
 * Checks the owner and the mode of the device's files. Windows has no modes.
 * - A file that another user of the machine could have changed is refused, with the command that fixes it.
 * - `session` and `keystore` hold keys. They are also refused when another user could have read them.
 */
import type { Stats } from 'node:fs'
import { KeydeskError, quoteWord } from '../errors.ts'
import type { Disk, FileCalls } from './durable.ts'
import { damagedFile } from './refusals.ts'

export type Protection = 'not-writable' | 'not-readable'
const ROOT = 0

/** Whether the directory exists. Throws `refused` when another user owns it or can put files into it. */
export function checkDirectory(disk: Disk, directory: string): boolean {
  const stat = lookUp(directory, disk.files.statSync)
  if (stat?.isDirectory() !== true) return false
  requireOwn(disk, directory, stat, 'not-writable')
  return true
}

/**
 * Whether the file exists. Throws `damaged` when it is not a plain file, and `refused` when another user owns it or its
 * mode breaks `protection`.
 */
export function checkFile(disk: Disk, path: string, protection: Protection): boolean {
  const stat = lookUp(path, disk.files.lstatSync)
  if (stat === undefined) return false
  if (!stat.isFile()) throw KeydeskError.of(damagedFile(path))
  requireOwn(disk, path, stat, protection)
  return true
}

/** The stats of the path. Undefined when nothing is there, also when a parent in the path is a file (ENOTDIR). */
export function lookUp(path: string, look: FileCalls['statSync'] | FileCalls['lstatSync']): Stats | undefined {
  try {
    return look(path, { throwIfNoEntry: false })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined
    throw error
  }
}

function requireOwn({ uid }: Disk, path: string, { mode, uid: owner }: Stats, protection: Protection): void {
  if (uid === null) return
  if (owner !== uid && owner !== ROOT && uid !== ROOT) {
    throw new KeydeskError(
      'refused',
      'foreign-owner',
      `${path} belongs to another user`,
      `chown ${uid} ${quoteWord(path)}`,
    )
  }
  const [forbidden, may, mend] = protection === 'not-writable' ? [0o022, 'write', 'go-w'] : [0o077, 'read', 'go-rwx']
  if ((mode & forbidden) === 0) return
  throw new KeydeskError(
    'refused',
    'open-to-others',
    `other users may ${may} ${path}`,
    `chmod ${mend} ${quoteWord(path)}`,
  )
}
