/**
 * Changes a preference. One process at a time writes the file, and the file is always the complete old one or the
 * complete new one.
 */
import { join } from 'node:path'
import { withLock } from '../files/lock.ts'
import { makePrivateDirectory, requirePrivateParent } from '../files/modes.ts'
import { writeWholeFile } from '../files/whole-file.ts'
import type { Places } from './places.ts'
import { preferencesFile, readStored, type Stored } from './preferences.ts'

const LOCK_WAIT_MS = 5_000

/** Replaces a file that does not contain preferences. Throws `refused` or `busy`. */
export async function changeStored(
  places: Places,
  random: (count: number) => Uint8Array,
  change: (stored: Stored) => Stored,
): Promise<void> {
  const path = preferencesFile(places)
  makePrivateDirectory(places.config)
  requirePrivateParent(path, places.uid)
  await withLock(join(places.config, 'preferences.lock'), LOCK_WAIT_MS, () =>
    writeWholeFile(path, { mayReplace: true, random }, async (write) =>
      write(`${JSON.stringify(change(readStored(places) ?? {}), null, 2)}\n`),
    ),
  )
}
