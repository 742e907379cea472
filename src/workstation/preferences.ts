/**
 * The workstation's preferences as they are read: a small file of plain JSON beside the config. Nothing in it is secret and nothing is proven
 * by it, so it is not sealed, and reading it costs a call next to nothing; a file that others could write is refused like any
 * other, and what is in it counts only as far as its key allows (`console/preference-keys.ts`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { requirePrivate } from '../files/modes.ts'
import type { Places } from './places.ts'

export type Stored = Readonly<Record<string, string>>

const LARGEST = 65_536

export const preferencesFile = ({ config }: Pick<Places, 'config'>): string => join(config, 'preferences.json')

/** Null where there is a file that is none of ours. Throws `refused` for one that others may write. */
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
