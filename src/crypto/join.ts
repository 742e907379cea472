/**
 * How a person becomes an operator from another machine, without sharing a secret with the admin.
 * - The *request* carries the newcomer's public keys. The newcomer signs it with their own key.
 * - The *welcome* says which store it is: the founder's key, and the salt that the store's id was derived from. The
 *   admin who added the newcomer signs it.
 * - Each has a fingerprint of six words. The receiver hears the sender say them: if they match, the receiver holds the
 *   text that was sent.
 */
import { createHash } from 'node:crypto'
import {
  concatBytes,
  decodeBase64Url,
  decodeText,
  encodeBase64Url,
  encodeText,
  prefixLength,
  requireLength,
  takeBits,
} from './bytes.ts'
import { SALT_BYTES } from './roster.ts'
import { hasSmallOrder, SIGNATURE_BYTES, signMessage, verifyMessage } from './signature.ts'
import { bip39English } from './words.ts'

const REQUEST = 'keydesk:join/1/'
const WELCOME = 'keydesk:welcome/1/'
const REQUEST_LABEL = 'keydesk/join/1'
const WELCOME_LABEL = 'keydesk/welcome/1'
const WORDS = 6
const ID_BYTES = 16
const KEY_BYTES = 32

export type JoinRequest = {
  readonly operatorId: Uint8Array
  /** X25519. */
  readonly boxKey: Uint8Array
  /** Ed25519. */
  readonly signKey: Uint8Array
  readonly name: string
}

export type Welcome = {
  /** Id of the newcomer. */
  readonly operatorId: Uint8Array
  readonly founderKey: Uint8Array
  readonly salt: Uint8Array
  /** Ed25519 key of the admin who signed the welcome. */
  readonly adminKey: Uint8Array
  readonly organisation: string
}

/** "keydesk:join/1/" + base64url of id ‖ boxKey ‖ signKey ‖ LP(name) ‖ signature. */
export function encodeJoinRequest(signingSeed: Uint8Array, request: JoinRequest): string {
  const { operatorId, boxKey, signKey, name } = request
  requireLength(operatorId, ID_BYTES, 'operator id')
  requireLength(boxKey, KEY_BYTES, 'box key')
  requireLength(signKey, KEY_BYTES, 'sign key')
  const body = concatBytes(operatorId, boxKey, signKey, prefixLength(encodeText(name), 'name'))
  return REQUEST + encodeBase64Url(concatBytes(body, signMessage(signingSeed, REQUEST_LABEL, body)))
}

/** Null unless `text` is a whole request, signed with the key that it carries. */
export function decodeJoinRequest(text: string): JoinRequest | null {
  const parts = openSigned(text, REQUEST)
  if (parts === null || parts.body.length < ID_BYTES + 2 * KEY_BYTES) return null
  const pieces = splitBytes(parts.body, ID_BYTES, KEY_BYTES, KEY_BYTES)
  const [operatorId, boxKey, signKey, rest] = pieces as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  const name = decodeName(rest)
  if (name === null || hasSmallOrder(signKey) || !verifyMessage(signKey, REQUEST_LABEL, parts.body, parts.signature))
    return null
  return { operatorId, boxKey, signKey, name }
}

/** "keydesk:welcome/1/" + base64url of id ‖ founderKey ‖ salt ‖ adminKey ‖ LP(organisation) ‖ signature. */
export function encodeWelcome(signingSeed: Uint8Array, welcome: Welcome): string {
  const { operatorId, founderKey, salt, adminKey, organisation } = welcome
  requireLength(operatorId, ID_BYTES, 'operator id')
  requireLength(founderKey, KEY_BYTES, 'founder key')
  requireLength(salt, SALT_BYTES, 'salt')
  requireLength(adminKey, KEY_BYTES, 'admin key')
  const body = concatBytes(
    operatorId,
    founderKey,
    salt,
    adminKey,
    prefixLength(encodeText(organisation), 'organisation'),
  )
  return WELCOME + encodeBase64Url(concatBytes(body, signMessage(signingSeed, WELCOME_LABEL, body)))
}

/**
 * Null unless `text` is a whole welcome, signed with the admin's key that it carries. Only the store shows whether that
 * key is an admin's.
 */
export function decodeWelcome(text: string): Welcome | null {
  const parts = openSigned(text, WELCOME)
  if (parts === null || parts.body.length < ID_BYTES + 2 * KEY_BYTES + SALT_BYTES) return null
  const pieces = splitBytes(parts.body, ID_BYTES, KEY_BYTES, SALT_BYTES, KEY_BYTES)
  const [operatorId, founderKey, salt, adminKey, rest] = pieces as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  const organisation = decodeName(rest)
  if (organisation === null || !verifyMessage(adminKey, WELCOME_LABEL, parts.body, parts.signature)) return null
  return { operatorId, founderKey, salt, adminKey, organisation }
}

/** Six words of the BIP-39 English list: the first 66 bits of SHA-256 over the text. The text holds no secret. */
export function fingerprintWords(text: string): string[] {
  const digest = new Uint8Array(createHash('sha256').update(encodeText(text)).digest())
  const words = bip39English()
  return Array.from({ length: WORDS }, (_, i) => words[takeBits(digest, i * 11, 11)] as string)
}

function openSigned(text: string, prefix: string): { body: Uint8Array; signature: Uint8Array } | null {
  const bytes = text.startsWith(prefix) ? decodeBase64Url(text.slice(prefix.length)) : null
  if (bytes === null || bytes.length < SIGNATURE_BYTES) return null
  return { body: bytes.subarray(0, -SIGNATURE_BYTES), signature: bytes.subarray(-SIGNATURE_BYTES) }
}

/** Pieces of these sizes in order, then the rest. */
function splitBytes(bytes: Uint8Array, ...sizes: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let rest = bytes
  for (const size of sizes) {
    pieces.push(rest.subarray(0, size))
    rest = rest.subarray(size)
  }
  return [...pieces, rest]
}

/** One length-prefixed text that fills `bytes`; null otherwise. So a request has only one spelling. */
function decodeName(bytes: Uint8Array): string | null {
  if (bytes.length < 2) return null
  const length = ((bytes[0] as number) << 8) | (bytes[1] as number)
  return bytes.length === length + 2 ? decodeText(bytes.subarray(2)) : null
}
