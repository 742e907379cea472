/**
 * The roster's chain: statements about operators, keys and policy.
 * - An admin signs each statement, and each statement follows the hash of the one before it.
 * - The store's id commits to its founder's key. So the id fixes where the chain must begin, and no other roster can
 *   take its place.
 * - `desk/records/roster.ts` decides what a statement means and whether its signer may make it.
 */
import { createHash } from 'node:crypto'
import { concatBytes, encodeText, encodeU32, encodeU64, prefixLength, requireLength } from './bytes.ts'
import { STORE_ID_BYTES } from './section.ts'
import { signMessage, verifyMessage } from './signature.ts'

const LABEL = 'keydesk/roster/1'
export const SALT_BYTES = 16

export type Statement = {
  /** From 1, without gaps. */
  readonly seq: number
  readonly signerId: Uint8Array
  /** The statement as JSON: the exact text that is signed. */
  readonly body: string
}
export type SignedStatement = Statement & { readonly signature: Uint8Array }

const hash = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(concatBytes(...parts))
      .digest(),
  )

/** first(128, SHA-256("keydesk/store/1/id\0" ‖ the founder's Ed25519 key ‖ salt(16))). */
export function deriveStoreId(founderKey: Uint8Array, salt: Uint8Array): Uint8Array {
  requireLength(founderKey, 32, 'founder key')
  requireLength(salt, SALT_BYTES, 'salt')
  return hash(encodeText('keydesk/store/1/id\0'), founderKey, salt).subarray(0, STORE_ID_BYTES)
}

/** The hash that the first statement of a store follows. */
export function rosterGenesis(storeId: Uint8Array): Uint8Array {
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  return hash(encodeText(`${LABEL}/genesis\0`), storeId)
}

/** SHA-256("keydesk/roster/1\0" ‖ store ‖ previous ‖ u64 seq ‖ signer ‖ u32 length ‖ body). */
export function hashStatement(
  storeId: Uint8Array,
  previous: Uint8Array,
  { seq, signerId, body }: Statement,
): Uint8Array {
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  requireLength(previous, 32, 'previous hash')
  requireLength(signerId, 16, 'signer id')
  const text = encodeText(body)
  const length = encodeU32(text.length, 'body')
  return hash(encodeText(`${LABEL}\0`), storeId, previous, encodeU64(seq, 'seq'), signerId, length, text)
}

export function signStatement(
  signingSeed: Uint8Array,
  storeId: Uint8Array,
  previous: Uint8Array,
  statement: Statement,
): SignedStatement {
  const signature = signMessage(signingSeed, LABEL, hashStatement(storeId, previous, statement))
  return { ...statement, signature }
}

/** The statement's hash if it follows `previous` and this key signed it; else null. */
export function checkStatement(
  publicKey: Uint8Array,
  storeId: Uint8Array,
  previous: { readonly seq: number; readonly hash: Uint8Array },
  statement: SignedStatement,
): Uint8Array | null {
  if (statement.seq !== previous.seq + 1) return null
  const found = hashStatement(storeId, previous.hash, statement)
  return verifyMessage(publicKey, LABEL, found, statement.signature) ? found : null
}

/**
 * SHA-256("keydesk/roster/1/key\0" ‖ LP(section) ‖ u32 generation ‖ key): a commitment to a section's key that reveals
 * nothing about the key. Keyrings are checked against it, because anyone can seal a keyring to an operator.
 */
export function commitToKey(sectionKey: Uint8Array, section: string, generation: number): Uint8Array {
  requireLength(sectionKey, 32, 'section key')
  const place = concatBytes(prefixLength(encodeText(section), 'section'), encodeU32(generation, 'generation'))
  return hash(encodeText(`${LABEL}/key\0`), place, sectionKey)
}
