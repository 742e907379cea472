/**
 * The audit chain: each entry holds the hash of the one before it, the digest of the store as it stands after the change, and its
 * operator's signature. Of many entries that one commit makes, the last has digest and signature for all: it holds the hash of the one
 * before it, and that one of the one before. An entry cannot be edited, cut out, reordered, or signed as somebody else without the chain saying so;
 * what it cannot show by itself is that its newest entries were cut off: that takes a checkpoint kept elsewhere.
 */
import { concatBytes, encodeText, encodeU32, encodeU64, equalBytes, gatherBytes, requireLength } from './bytes.ts'
import { HASH_BYTES, sha256 } from './hmac.ts'
import { DIGEST_BYTES, STORE_ID_BYTES } from './section.ts'
import { createVerifier, signMessage, verifyMessage } from './signature.ts'

const LABEL = 'keydesk/audit/1'

/** What an entry says in the clear; who, what and when are sealed in `body`. */
export type EntryContent = {
  /** From 1, without gaps. */
  readonly seq: number
  readonly operatorId: Uint8Array
  /** Generation of the directory key that `body` is sealed under. */
  readonly generation: number
  /** Digest of the store's rows after this entry's change; empty where a later entry of the same commit has it. */
  readonly digest: Uint8Array
  readonly body: Uint8Array
}
export type ChainedEntry = EntryContent & { readonly hash: Uint8Array; readonly signature: Uint8Array }

/** The hash that the first entry of a store follows. */
export function genesisHash(storeId: Uint8Array): Uint8Array {
  requireLength(storeId, STORE_ID_BYTES, 'store id')
  return sha256(concatBytes(encodeText(`${LABEL}/genesis\0`), storeId))
}

/**
 * SHA-256("keydesk/audit/1\0" ‖ store ‖ previous ‖ u64 seq ‖ operator ‖ u32 generation ‖ digest ‖ u32 length ‖ body); a covered entry has
 * no digest, and the label "keydesk/audit/1/covered\0".
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

/** Hashes an entry that a later one of the same commit, by the same operator, will cover. */
export function coverEntry(
  storeId: Uint8Array,
  previous: Uint8Array,
  content: Omit<EntryContent, 'digest'>,
): ChainedEntry {
  const entry = { ...content, digest: NOTHING }
  return { ...entry, hash: hashEntry(storeId, previous, entry), signature: NOTHING }
}

/** Whether it leaves digest and signature to a later entry. */
export const isCovered = ({ digest, signature }: ChainedEntry): boolean => digest.length === 0 && signature.length === 0

type Place = { readonly seq: number; readonly hash: Uint8Array }

/** Null when the entry follows `previous` and holds what was hashed; who signed it is not asked. */
export function checkPlace(storeId: Uint8Array, previous: Place, entry: ChainedEntry): 'order' | 'hash' | null {
  if (entry.seq !== previous.seq + 1) return 'order'
  // What has a digest is signed, and what is signed has a digest.
  if ((entry.digest.length === 0) !== (entry.signature.length === 0)) return 'hash'
  return equalBytes(hashEntry(storeId, previous.hash, entry), entry.hash) ? null : 'hash'
}

/** Null when the entry follows `previous` and its operator signed it; otherwise what does not hold. */
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

/** Whether the operator with the key signed an entry: for many entries, see `createVerifier`. */
export function createEntryVerifier(publicKey: Uint8Array): (entry: ChainedEntry) => Promise<boolean> {
  const isSigned = createVerifier(publicKey, LABEL)
  return ({ hash, signature }) => isSigned(hash, signature)
}
