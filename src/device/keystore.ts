/**
 * A file that stands in for the platform's keystore: it holds DBK and Ksub("pin") (specification §8).
 * - It exists only on a device whose invitation allowed the PIN way.
 * - A real app keeps both keys in the keystore of its platform. Anyone who reads this file can open the app.
 * - It is written once, before the state file, and never changes, because neither key ever changes.
 */
import { concatBytes, decodeBase64Url, encodeBase64Url } from '../crypto/bytes.ts'
import { KEY_BYTES } from '../crypto/seal.ts'
import { KeydeskError } from '../errors.ts'
import { damagedFile } from './refusals.ts'
import { FILES, type Storage } from './storage.ts'

export type PinKeys = { readonly dbk: Uint8Array; readonly pinKey: Uint8Array }

const PREAMBLE = `# This file stands in for the platform's keystore: it holds the key of the settings database, and the one that checks PINs.
# Whoever can read it opens the app. A real app keeps both in the keystore of its platform and never in a file.
`

export function writeKeystore(storage: Storage, { dbk, pinKey }: PinKeys): void {
  const text = `${PREAMBLE}${encodeBase64Url(concatBytes(dbk, pinKey))}\n`
  storage.writeDurably('keystore', new TextEncoder().encode(text))
}

/** Throws `damaged` when the file is missing or not whole. */
export function readKeystore(storage: Storage): PinKeys {
  const bytes = storage.readFile('keystore')
  const text = bytes === null ? '' : Buffer.from(bytes).toString('latin1')
  const keys = text.startsWith(PREAMBLE) ? decodeBase64Url(text.slice(PREAMBLE.length, -1)) : null
  if (keys?.length !== 2 * KEY_BYTES) throw KeydeskError.of(damagedFile(FILES.keystore))
  return { dbk: keys.subarray(0, KEY_BYTES), pinKey: keys.subarray(KEY_BYTES) }
}
