/**
 * A file that stands in for the memory of an open app: it holds the database key DBK. The reference device needs it
 * because each command is a process of its own.
 * - It exists only while the app is open. A real app keeps this key in memory and never writes it.
 * - It is not made durable, so a power failure locks the device.
 * - It is removed before a confirmation code or PIN takes effect.
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

/**
 * DBK, or null when the app is locked. A file that a crash cut short counts as locked, and is removed with its content.
 */
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
