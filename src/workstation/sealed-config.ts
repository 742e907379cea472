/**
 * The bytes of the workstation's config: base64url of nonce ‖ box, under a key that is drawn once on this workstation.
 * - A config that does not open under the key is damaged.
 * - A missing key is never drawn again while there is a config that it sealed.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { concatBytes, decodeBase64Url, decodeText, encodeBase64Url, encodeText } from '../crypto/bytes.ts'
import { deriveKey } from '../crypto/hmac.ts'
import { NONCE_BYTES, openBox, sealBox } from '../crypto/seal.ts'
import { KeydeskError } from '../errors.ts'

const KEY_BYTES = 32
const BOX_OVERHEAD = 16

/** Draws the key unless it exists. The file is complete, or it does not exist. */
export function drawConfigKey(path: string, random: (count: number) => Uint8Array): void {
  if (existsSync(path)) return
  const draft = `${path}.new`
  rmSync(draft, { force: true })
  writeFileSync(draft, random(KEY_BYTES), { flag: 'wx', mode: 0o600, flush: true })
  renameSync(draft, path)
}

/** Derives the 32-byte key that seals the config from the key file. Throws `damaged` unless that file has 32 bytes. */
export function readConfigKey(path: string): Uint8Array {
  const key = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array(0)
  if (key.length !== KEY_BYTES) throw damagedConfig(path)
  return deriveKey(key, new Uint8Array(0), encodeText('keydesk/workstation/1/config'), KEY_BYTES)
}

/** Returns base64url. The text is not normalised to NFC, because file system paths in it must stay as they are. */
export function sealConfig(key: Uint8Array, config: object, nonce: Uint8Array): string {
  return encodeBase64Url(concatBytes(nonce, sealBox(key, new TextEncoder().encode(JSON.stringify(config)), nonce)))
}

/** Throws `damaged` for a text that was not sealed under the key. */
export function openConfig<T>(key: Uint8Array, text: string, path: string): T {
  const bytes = decodeBase64Url(text)
  if (bytes === null || bytes.length < NONCE_BYTES + BOX_OVERHEAD) throw damagedConfig(path)
  const config = openBox(key, bytes.subarray(NONCE_BYTES), bytes.subarray(0, NONCE_BYTES))
  if (config === null) throw damagedConfig(path)
  return JSON.parse(decodeText(config) as string)
}

export function damagedConfig(path: string): KeydeskError {
  const hint = 'restore the directory from a backup, or have an administrator add you again'
  return new KeydeskError('damaged', 'damaged-config', `${path} does not verify`, hint)
}
