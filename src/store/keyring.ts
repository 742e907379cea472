/**
 * Which keys open which parts of the store.
 * - An operator has two secret keys, kept in a slot under their passphrase in the workstation's conf file.
 * - The store holds a keyring for each operator: the section keys of their role, sealed to them.
 * - A section whose key is missing from a keyring cannot be read, whatever the program does.
 */
import { concatBytes, decodeBase64Url, decodeText, encodeBase64Url, encodeHex, type HexId } from '../crypto/bytes.ts'
import { commitToKey } from '../crypto/roster.ts'
import { deriveBoxKeys, openAsOperator, sealToOperator } from '../crypto/seal.ts'
import { SECTIONS, type Section } from '../crypto/section.ts'
import { derivePublicKey } from '../crypto/signature.ts'
import type { Commitments, SectionKeys } from '../desk/records/roster.ts'
import { KeydeskError } from '../errors.ts'

const SECRET_BYTES = 32
/** The collection of keyrings: one row for each present operator. */
export const KEYRING = 'keyring'

/** An operator's own secret keys. */
export type OperatorKeys = {
  readonly operatorId: Uint8Array
  /** X25519. */
  readonly boxSecret: Uint8Array
  /** Ed25519 seed. */
  readonly signingSeed: Uint8Array
}

/** Section keys in ascending order of generation. The newest one seals; the older ones still open. */
export type Keyring = Partial<Record<Section, readonly SectionKey[]>>
/**
 * A keyring, with the sealed bytes that it was opened from. While the store holds the same bytes, the keyring need not
 * be opened again.
 */
export type OpenedKeyring = { readonly sealed: Uint8Array; readonly keyring: Keyring }
export type SectionKey = { readonly generation: number; readonly key: Uint8Array }

export function drawOperatorKeys(random: (count: number) => Uint8Array): OperatorKeys {
  return { operatorId: random(16), boxSecret: random(SECRET_BYTES), signingSeed: random(SECRET_BYTES) }
}

/** The public keys in hexadecimal, as an operator record holds them. */
export function publicKeysOf({ boxSecret, signingSeed }: OperatorKeys): { boxKey: HexId; signKey: HexId } {
  return { boxKey: encodeHex(deriveBoxKeys(boxSecret).publicKey), signKey: encodeHex(derivePublicKey(signingSeed)) }
}

/** The payload of an operator's slot, 64 bytes: boxSecret ‖ signingSeed. */
export function encodeOperatorKeys({ boxSecret, signingSeed }: OperatorKeys): Uint8Array {
  return concatBytes(boxSecret, signingSeed)
}

/** Null unless the payload has the length of two keys. */
export function decodeOperatorKeys(operatorId: Uint8Array, payload: Uint8Array): OperatorKeys | null {
  if (payload.length !== 2 * SECRET_BYTES) return null
  return { operatorId, boxSecret: payload.subarray(0, SECRET_BYTES), signingSeed: payload.subarray(SECRET_BYTES) }
}

/** Draws a key for each of the sections, all of generation 1. */
export function drawKeyring(sections: readonly Section[], random: (count: number) => Uint8Array): Keyring {
  return Object.fromEntries(sections.map((section) => [section, [{ generation: 1, key: random(SECRET_BYTES) }]]))
}

/** Draws a key for every section, for the next generation. */
export function drawSectionKeys(random: (count: number) => Uint8Array): SectionKeys {
  return Object.fromEntries(SECTIONS.map((section) => [section, random(SECRET_BYTES)])) as SectionKeys
}

export function sealKeyring(keyring: Keyring, boxKey: Uint8Array, random: (count: number) => Uint8Array): Uint8Array {
  const message = new TextEncoder().encode(JSON.stringify(encodeKeyring(keyring)))
  return sealToOperator(boxKey, message, random(SECRET_BYTES), random(24))
}

/** Null if the bytes were not sealed to this operator, were changed, or are no keyring. */
export function openKeyring(sealed: Uint8Array, boxSecret: Uint8Array): Keyring | null {
  const text = decodeText(openAsOperator(boxSecret, sealed) ?? new Uint8Array(0)) ?? ''
  try {
    return decodeKeyring(JSON.parse(text))
  } catch {
    return null
  }
}

export type EncodedKeyring = Partial<Record<Section, readonly (readonly [number, string])[]>>

/** A keyring as plain JSON: for each section a list of [generation, key in base64url], the newest last. */
export function encodeKeyring(keyring: Keyring): EncodedKeyring {
  const encode = (keys: readonly SectionKey[]) =>
    keys.map(({ generation, key }) => [generation, encodeBase64Url(key)] as const)
  return Object.fromEntries(Object.entries(keyring).map(([section, keys]) => [section, encode(keys)]))
}

/** Null unless each section is a known one and has keys of 32 bytes with ascending generations. */
export function decodeKeyring(encoded: unknown): Keyring | null {
  if (typeof encoded !== 'object' || encoded === null || Array.isArray(encoded)) return null
  const sections = Object.entries(encoded).map(([section, keys]) => [section, decodeSectionKeys(keys)] as const)
  if (!sections.every(([section, keys]) => SECTIONS.includes(section as Section) && keys !== null)) return null
  return Object.fromEntries(sections) as Keyring
}

function decodeSectionKeys(encoded: unknown): SectionKey[] | null {
  if (!Array.isArray(encoded) || encoded.length === 0) return null
  const keys: SectionKey[] = []
  for (const pair of encoded) {
    const [generation, text] = Array.isArray(pair) ? pair : []
    const key = decodeBase64Url(String(text))
    const rises = Number.isSafeInteger(generation) && generation > (keys.at(-1)?.generation ?? 0)
    if (!rises || key?.length !== SECRET_BYTES) return null
    keys.push({ generation, key })
  }
  return keys
}

/** Keeps only the sections that a role may have. */
export function restrictKeyring(keyring: Keyring, sections: readonly Section[]): Keyring {
  return Object.fromEntries(Object.entries(keyring).filter(([section]) => sections.includes(section as Section)))
}

/** Adds the new keys to the sections that the keyring has. The older keys still open the rows that they sealed. */
export function extendKeyring(keyring: Keyring, keys: SectionKeys, generation: number): Keyring {
  const extend = ([section, older]: [string, readonly SectionKey[]]) =>
    [section, [...older, { generation, key: keys[section as Section] }]] as const
  return Object.fromEntries(Object.entries(keyring).map(extend))
}

/** Whether every key matches the commitment that the roster's admins signed for its section and generation. */
export function isStatedKeyring(keyring: Keyring, stated: readonly Commitments[]): boolean {
  return Object.entries(keyring).every(([section, keys]) =>
    keys.every(({ generation, key }) => {
      const commitment = stated[generation - 1]?.[section as Section]
      return commitment === encodeHex(commitToKey(key, section, generation))
    }),
  )
}

/** The key that seals new records of a section. Throws `refused` if the role has no key of the section. */
export function newestKey(keyring: Keyring, section: Section): SectionKey {
  const newest = keyring[section]?.at(-1)
  if (newest === undefined) throw missingKey(section)
  return newest
}

/**
 * The section key of this generation. Throws `refused` if the role has no key of the section, and `damaged` if the
 * generation is unknown.
 */
export function keyOfGeneration(keyring: Keyring, section: Section, generation: number): Uint8Array {
  const keys = keyring[section]
  if (keys === undefined) throw missingKey(section)
  const found = keys.find((key) => key.generation === generation)
  if (found === undefined)
    throw new KeydeskError(
      'damaged',
      'unknown-generation',
      `a record is sealed under an unknown key (${section} ${generation})`,
    )
  return found.key
}

function missingKey(section: Section): KeydeskError {
  return new KeydeskError(
    'refused',
    'no-section-key',
    `your role holds no key of the section ${section}`,
    'ask an administrator of this desk',
  )
}
