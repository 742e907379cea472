/**
 * The audit chain.
 * - Each entry holds the hash of the entry before it, the digest of the store after the change, and its operator's
 *   signature.
 * - One commit can make many entries. Then only the last has a digest and a signature, and it vouches for the others
 *   through the chain of hashes.
 * - The chain shows when an entry was edited, cut out, reordered, or signed as somebody else.
 * - The chain alone cannot show that its newest entries were cut off. A checkpoint that is kept elsewhere shows that.
 */
import { concatBytes, encodeText, encodeU32, encodeU64, equalBytes, requireLength } from './bytes.ts'
import { HASH_BYTES, sha256 } from './hmac.ts'
import { gatherBytes } from './memory.ts'
import { DIGEST_BYTES, STORE_ID_BYTES } from './section.ts'
import { createVerifier, signMessage, verifyMessage } from './signature.ts'

const LABEL = 'keydesk/audit/1'

/** The plain fields of an entry. The operator's name, the action and the time are sealed in `body`. */
export type EntryContent = {
  /** From 1, without gaps. */
  readonly seq: number
  readonly operatorId: Uint8Array
  /** Generation of the directory key that `body` is sealed under. */
  readonly generation: number
  /** Digest of the store's rows after this entry's change. Empty when a later entry of the same commit holds it. */
  readonly digest: Uint8Array
  readonly body: Uint8Array
}
export type ChainedEntry = EntryContent & { readonly hash: Uint8Array; readonly signature: Uint8Array }

/** The hash that the first entry of a store follows, 32 bytes. */
export function genesisHash(storeId: Uint8Array): Uint8Array {
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  return sha256(concatBytes(encodeText(`${LABEL}/genesis\0`), storeId))
}

/**
 * SHA-256("keydesk/audit/1\0" ‖ store ‖ previous ‖ u64 seq ‖ operator ‖ u32 generation ‖ digest ‖ u32 length ‖ body).
 * A covered entry has no digest, and its label is "keydesk/audit/1/covered\0".
 */
export function hashEntry(storeId: Uint8Array, previous: Uint8Array, entry: EntryContent): Uint8Array {
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  requireLength(previous, HASH_BYTES, 'previous hash')
  requireLength(entry.operatorId, 16, 'operator id')
  const covered = entry.digest.length === 0
  if (!covered) requireLength(entry.digest, DIGEST_BYTES, 'digest')
  const message = gatherBytes(
    encodeText(covered ? `${LABEL}/covered\0` : `${LABEL}\0`),
    storeId,
    previous,
    encodeU64(entry.seq, 'seq'),
    entry.operatorId,
    encodeU32(entry.generation, 'generation'),
    entry.digest,
    encodeU32(entry.body.length, 'body'),
    entry.body,
  )
  return sha256(message)
}

/** Hashes and signs the entry that follows `previous`. */
export function chainEntry(
  signingSeed: Uint8Array,
  storeId: Uint8Array,
  previous: Uint8Array,
  content: EntryContent,
): ChainedEntry {
  const hash = hashEntry(storeId, previous, content)
  return { ...content, hash, signature: signMessage(signingSeed, LABEL, hash) }
}

const NOTHING = new Uint8Array(0)

/**
 * Hashes an entry without digest and signature. A later entry of the same commit, by the same operator, must cover it.
 */
export function coverEntry(
  storeId: Uint8Array,
  previous: Uint8Array,
  content: Omit<EntryContent, 'digest'>,
): ChainedEntry {
  const entry = { ...content, digest: NOTHING }
  return { ...entry, hash: hashEntry(storeId, previous, entry), signature: NOTHING }
}

/** Whether the entry has neither digest nor signature, because a later entry covers it. */
export const isCovered = ({ digest, signature }: ChainedEntry): boolean => digest.length === 0 && signature.length === 0

type Place = { readonly seq: number; readonly hash: Uint8Array }

/** Null when the entry follows `previous` and its hash is right. Does not check the signature. */
export function checkPlace(storeId: Uint8Array, previous: Place, entry: ChainedEntry): 'order' | 'hash' | null {
  if (entry.seq !== previous.seq + 1) return 'order'
  // Digest and signature are both present, or both absent (a covered entry).
  if ((entry.digest.length === 0) !== (entry.signature.length === 0)) return 'hash'
  return equalBytes(hashEntry(storeId, previous.hash, entry), entry.hash) ? null : 'hash'
}

/** Null when the entry follows `previous` and its operator signed it; otherwise the check that failed. */
export function checkEntry(
  publicKey: Uint8Array,
  storeId: Uint8Array,
  previous: Place,
  entry: ChainedEntry,
): 'order' | 'hash' | 'signature' | null {
  const misplaced = checkPlace(storeId, previous, entry)
  if (misplaced !== null) return misplaced
  return verifyMessage(publicKey, LABEL, entry.hash, entry.signature) ? null : 'signature'
}

/** Returns a check of one operator's signatures on many entries. Uses `createVerifier`. */
export function createEntryVerifier(publicKey: Uint8Array): (entry: ChainedEntry) => Promise<boolean> {
  const isSigned = createVerifier(publicKey, LABEL)
  return ({ hash, signature }) => isSigned(hash, signature)
}
