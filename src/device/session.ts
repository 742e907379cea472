/**
 * What stands in for the memory of an open app: a file with the database key, there only while the reference device is open, because
 * each command is a process of its own. A real app keeps this key in memory and never writes it. It is not made
 * durable, so that a power failure locks the device, and it is gone before a reset code's answer takes effect.
 */
import { decodeBase64Url, encodeBase64Url } from '../crypto/bytes.ts'
import { KEY_BYTES } from '../crypto/seal.ts'
import type { Storage } from './storage.ts'

const PREAMBLE = `# This file stands in for the memory of an open app: it holds the key of the settings database.
# "keydesk-device lock" removes it. A real app keeps this key in memory and never writes it down.
`

export function openSession(storage: Storage, dbk: Uint8Array): void {
  storage.remove('session')
  storage.writeBriefly('session', new TextEncoder().encode(`${PREAMBLE}${encodeBase64Url(dbk)}\n`))
}

/** DBK, or null when the app is locked. One that was cut short by a crash is none, and is cleared away with what it holds. */
export function readSession(storage: Storage): Uint8Array | null {
  const bytes = storage.readFile('session')
  if (bytes === null) return null
  const text = Buffer.from(bytes).toString('latin1')
  const dbk = text.startsWith(PREAMBLE) ? decodeBase64Url(text.slice(PREAMBLE.length, -1)) : null
  if (dbk?.length === KEY_BYTES) return dbk
  storage.remove('session')
  return null
}

/** Locks the app. */
export function closeSession(storage: Storage): void {
  storage.remove('session')
}
