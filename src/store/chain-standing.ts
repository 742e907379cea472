/**
 * How a chain stands to what is known of it: against the anchor when a desk is opened, against a copy when one is made or put back. Hashes alone: the newest
 * entry vouches for all before it, and its signature is checked where it is built upon.
 */
import { genesisHash, hashEntry } from '../crypto/audit-chain.ts'
import { encodeHex, equalBytes } from '../crypto/bytes.ts'
import { type Anchor, compareAnchor, refuseStanding, type Standing } from '../desk/anchor.ts'
import { KeydeskError } from '../errors.ts'
import type { Snapshot } from './engine.ts'
import { damagedRecord, entryId } from './sealer.ts'

/** Where a workstation keeps the newest entry that it has seen of one store. `keep` never goes back to an older one. */
export type AnchorPort = {
  read(): Anchor | null | Promise<Anchor | null>
  keep(anchor: Anchor): void | Promise<void>
}

export const toAnchor = ({ seq, hash }: { readonly seq: number; readonly hash: Uint8Array }): Anchor => ({
  seq,
  hash: encodeHex(hash),
})

/** The end of the chain. Throws `damaged` where there is none: a store has had an entry since it was made. */
export async function findNewest(snapshot: Snapshot): Promise<Anchor> {
  const last = await snapshot.lastEntry()
  if (last === null) throw damagedRecord('entry', entryId(1))
  return toAnchor(last)
}

/** One look at the end of the chain, and one at the anchor's place in it. */
export async function findStanding(snapshot: Snapshot, anchor: Anchor): Promise<{ standing: Standing; found: Anchor }> {
  const found = await findNewest(snapshot)
  return { standing: compareAnchor(anchor, found, await hashAt(snapshot, anchor.seq)), found }
}

/** Throws `damaged` for a store that is older than the anchor, or another; whether it is newer than what was seen so far. */
export async function requireStanding(snapshot: Snapshot, anchor: Anchor | null): Promise<boolean> {
  if (anchor === null) return true
  const { standing, found } = await findStanding(snapshot, anchor)
  const refusal = refuseStanding(standing, anchor, found)
  if (refusal !== null) throw KeydeskError.of(refusal)
  return standing === 'newer'
}

/** The last entry that two chains have in common, 0 for none. An entry holds the hash of the one before it, so it can be halved. */
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

export async function hashAt(snapshot: Snapshot, seq: number): Promise<string | null> {
  const entry = await snapshot.getEntry(seq)
  return entry === null ? null : encodeHex(entry.hash)
}

/** Throws `damaged` unless each entry follows the one before it, from the first to the newest; that is returned. */
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
 * Throws `damaged` unless it is a whole chain with this entry in it. Others may have written since the entry: the chain ends with it, or later. Resolves to its end.
 */
export async function requireCopyOf(copy: Snapshot, entry: Anchor): Promise<Anchor> {
  const newest = await requireLinks(copy)
  if ((await hashAt(copy, entry.seq)) === entry.hash) return newest
  const message = `the copy lacks entry ${entry.seq}, which was there before it was made`
  throw new KeydeskError('damaged', 'damaged-backup', message, 'keydesk store verify')
}
