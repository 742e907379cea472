/**
 * Compares a store's audit chain with entries that are known from elsewhere.
 * - Opening a desk compares the chain with the workstation's anchor.
 * - Making or restoring a backup compares the store's chain with the copy's.
 * - Only hashes are compared here: the newest entry's hash covers all entries before it.
 * - Signatures are checked elsewhere, before an entry is trusted or another one is chained to it (`readTail` in
 *   `commit.ts`).
 */
import { genesisHash, hashEntry } from '../crypto/audit-chain.ts'
import { encodeHex, equalBytes } from '../crypto/bytes.ts'
import { type Anchor, compareAnchor, refuseStanding, type Standing } from '../desk/anchor.ts'
import { KeydeskError } from '../errors.ts'
import type { Snapshot } from './engine.ts'
import { damagedRecord, entryId } from './sealer.ts'

/**
 * Reads and keeps a workstation's anchor for one store: the newest entry that it has seen of that store. `keep` never
 * replaces the anchor by an older entry.
 */
export type AnchorPort = {
  read(): Anchor | null | Promise<Anchor | null>
  keep(anchor: Anchor): void | Promise<void>
}

export const toAnchor = ({ seq, hash }: { readonly seq: number; readonly hash: Uint8Array }): Anchor => ({
  seq,
  hash: encodeHex(hash),
})

/** Returns the newest entry. Throws `damaged` if there is none: every store has an entry from its creation on. */
export async function findNewest(snapshot: Snapshot): Promise<Anchor> {
  const last = await snapshot.lastEntry()
  if (last === null) throw damagedRecord('entry', entryId(1))
  return toAnchor(last)
}

/** Compares the newest entry, and the entry at the anchor's seq, with the anchor. */
export async function findStanding(snapshot: Snapshot, anchor: Anchor): Promise<{ standing: Standing; found: Anchor }> {
  const found = await findNewest(snapshot)
  return { standing: compareAnchor(anchor, found, await hashAt(snapshot, anchor.seq)), found }
}

/**
 * Throws `damaged` if the store is older than the anchor, or is another store. Resolves to true if the store is newer
 * than the anchor, or if there is no anchor.
 */
export async function requireStanding(snapshot: Snapshot, anchor: Anchor | null): Promise<boolean> {
  if (anchor === null) return true
  const { standing, found } = await findStanding(snapshot, anchor)
  const refusal = refuseStanding(standing, anchor, found)
  if (refusal !== null) throw KeydeskError.of(refusal)
  return standing === 'newer'
}

/**
 * Resolves to the seq of the last entry that both chains share, 0 for none. Binary search: an entry's hash depends on
 * every entry before it, so two equal hashes mean equal chains up to that entry.
 */
export async function findCommon(a: Snapshot, b: Snapshot): Promise<number> {
  let common = 0
  let above = Math.min((await findNewest(a)).seq, (await findNewest(b)).seq) + 1
  while (above - common > 1) {
    const middle = Math.floor((common + above) / 2)
    const hash = await hashAt(a, middle)
    if (hash !== null && hash === (await hashAt(b, middle))) common = middle
    else above = middle
  }
  return common
}

/** The hash of the entry in hexadecimal; null if there is no such entry. */
export async function hashAt(snapshot: Snapshot, seq: number): Promise<string | null> {
  const entry = await snapshot.getEntry(seq)
  return entry === null ? null : encodeHex(entry.hash)
}

/**
 * Checks that each entry follows the one before it, from the first to the newest. Throws `damaged` if one does not, or
 * if there is no entry. Resolves to the newest entry.
 */
export async function requireLinks(snapshot: Snapshot): Promise<Anchor> {
  let previous = { seq: 0, hash: genesisHash(snapshot.storeId) }
  for await (const entry of snapshot.scanEntries(0)) {
    const follows =
      entry.seq === previous.seq + 1 && equalBytes(hashEntry(snapshot.storeId, previous.hash, entry), entry.hash)
    if (!follows) throw damagedRecord('entry', entryId(entry.seq))
    previous = { seq: entry.seq, hash: entry.hash }
  }
  if (previous.seq === 0) throw damagedRecord('entry', entryId(1))
  return toAnchor(previous)
}

/**
 * Throws `damaged` unless `copy` has an unbroken chain that contains `entry`. The chain may end later than `entry`,
 * because others may have written since. Resolves to the newest entry of the copy.
 */
export async function requireCopyOf(copy: Snapshot, entry: Anchor): Promise<Anchor> {
  const newest = await requireLinks(copy)
  if ((await hashAt(copy, entry.seq)) === entry.hash) return newest
  const message = `the copy lacks entry ${entry.seq}, which was there before it was made`
  throw new KeydeskError('damaged', 'damaged-backup', message, 'keydesk store verify')
}
