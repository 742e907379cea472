/**
 * The encrypted settings database: the device secret K and all settings, sealed as one box under the database key DBK.
 * - A locked device cannot read any of it, so it cannot compute a confirmation code.
 * - secretbox has no associated data. So the key of the box is derived from DBK and the device's id.
 * - Therefore a database that was put beside another device's state does not open.
 */
import { concatBytes, decodeBase64Url, decodeText, encodeBase64Url, encodeText } from '../crypto/bytes.ts'
import { deriveKey } from '../crypto/hmac.ts'
import { asDeviceSecret, type DeviceSecret, SECRET_BYTES } from '../crypto/keys.ts'
import { KEY_BYTES, NONCE_BYTES, openBox, sealBox } from '../crypto/seal.ts'

const LABEL = 'keydesk/device/1/settings'
const VERSION = 1
const MOST_KEY_BYTES = 256
const MOST_VALUE_BYTES = 65_536
const MOST_TOTAL_BYTES = 4_194_304

export type Settings = ReadonlyMap<string, string>
export type Database = { readonly secret: DeviceSecret; readonly settings: Settings }
/**
 * The device id that the database is bound to, and the nonce. The nonce must be 24 random bytes, fresh for every write,
 * because the key stays the same.
 */
export type DatabaseSeal = { readonly id: Uint8Array; readonly nonce: Uint8Array }

/** HKDF(DBK, salt = id, info = "keydesk/device/1/settings", 32 bytes). */
function deriveDatabaseKey(dbk: Uint8Array, id: Uint8Array): Uint8Array {
  return deriveKey(dbk, id, encodeText(LABEL), KEY_BYTES)
}

/** 01 ‖ nonce ‖ secretbox of {"secret", "settings": [[key, value] …] in the order of the keys}. */
export function sealDatabase(dbk: Uint8Array, { secret, settings }: Database, { id, nonce }: DatabaseSeal): Uint8Array {
  const sorted = [...settings].sort(([a], [b]) => (a < b ? -1 : 1))
  const plain = new TextEncoder().encode(JSON.stringify({ secret: encodeBase64Url(secret), settings: sorted }))
  return concatBytes(Uint8Array.of(VERSION), nonce, sealBox(deriveDatabaseKey(dbk, id), plain, nonce))
}

/** Null when the bytes were not sealed under this key for this device, or were changed since. */
export function openDatabase(dbk: Uint8Array, sealed: Uint8Array, id: Uint8Array): Database | null {
  if (sealed.length < 1 + NONCE_BYTES || sealed[0] !== VERSION) return null
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const plain = openBox(deriveDatabaseKey(dbk, id), sealed.subarray(1 + NONCE_BYTES), nonce)
  return plain === null ? null : readDatabase(plain)
}

/** Reads the opened box. Only `sealDatabase` writes it, under our own key, but its shape is checked all the same. */
function readDatabase(plain: Uint8Array): Database | null {
  const { secret, settings } = JSON.parse(decodeText(plain) ?? '{}') as {
    secret?: string
    settings?: [string, string][]
  }
  const bytes = decodeBase64Url(secret ?? '')
  if (bytes?.length !== SECRET_BYTES || settings === undefined) return null
  return { secret: asDeviceSecret(bytes), settings: new Map(settings) }
}

/**
 * Null when the setting may be stored beside the others; otherwise the rule that it breaks, as a sentence without its
 * full stop.
 */
export function checkSetting(key: string, value: string, settings: Settings): string | null {
  const keyBytes = encodeText(key).length
  const valueBytes = encodeText(value).length
  if (keyBytes === 0 || keyBytes > MOST_KEY_BYTES || /\p{Cc}/u.test(key)) {
    return `a key is text of 1 to ${MOST_KEY_BYTES} bytes without control characters`
  }
  if (!key.isWellFormed() || !value.isWellFormed()) return 'keys and values are Unicode text'
  if (valueBytes > MOST_VALUE_BYTES) return `a value has at most ${MOST_VALUE_BYTES} bytes`
  const others = [...settings].filter(([other]) => other !== key)
  const total = others.reduce((sum, [k, v]) => sum + Buffer.byteLength(k) + Buffer.byteLength(v), keyBytes + valueBytes)
  return total > MOST_TOTAL_BYTES ? `the settings database holds at most ${MOST_TOTAL_BYTES} bytes` : null
}
