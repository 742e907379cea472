/**
 * Reads the workstation's preferences: a small file of plain JSON beside the config.
 * - It is not sealed, because nothing in it is secret and it proves nothing. So reading it costs a call almost nothing.
 * - A file that other users could write is refused, like any other.
 * - A value counts only as far as its key allows (`console/preference-keys.ts`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requirePrivate } from '../files/modes.ts'
import type { Places } from './places.ts'

export type Stored = Readonly<Record<string, string>>

const LARGEST = 65_536

export const preferencesFile = ({ config }: Pick<Places, 'config'>): string => join(config, 'preferences.json')

/**
 * Returns an empty object if there is no file, and null if the file does not contain preferences. Throws `refused` if
 * other users may write it.
 */
export function readStored(places: Pick<Places, 'config' | 'uid'>): Stored | null {
  const path = preferencesFile(places)
  if (!existsSync(path)) return {}
  requirePrivate(path, places.uid)
  return parseStored(readFileSync(path, 'utf8'))
}

function parseStored(text: string): Stored | null {
  if (text.length > LARGEST) return null
  try {
    const read: unknown = JSON.parse(text)
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return null
    return Object.values(read).every((value) => typeof value === 'string') ? (read as Stored) : null
  } catch {
    return null
  }
}
