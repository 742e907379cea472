/**
 * The rollback anchor: the newest entry that a workstation has seen of a store.
 * - If the store's chain ends before the anchor, or has another entry in its place, the store was rolled back or
 *   replaced.
 * - The desk then stays closed until a newer store is back, or until an admin accepts this one with an audit entry.
 */
import type { Refusal } from '../errors.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { refuseRole } from './records/roles.ts'

/** An entry: its seq, and its hash (hexadecimal). */
export type Anchor = { readonly seq: number; readonly hash: string }
/** `older`: the chain ends before the anchor. `forked`: it has another entry there. Both keep the desk closed. */
export type Standing = 'same' | 'newer' | 'older' | 'forked'

/** `newest` is the end of the chain. `hashThere` is the hash of its entry at the anchor's seq; null if it has none. */
export function compareAnchor(anchor: Anchor, newest: Anchor, hashThere: string | null): Standing {
  if (newest.seq < anchor.seq) return 'older'
  if (hashThere !== anchor.hash) return 'forked'
  return newest.seq === anchor.seq ? 'same' : 'newer'
}

/** Returns the refusal that keeps the desk closed; null if the desk may be opened. */
export function refuseStanding(standing: Standing, expected: Anchor, found: Anchor): Refusal | null {
  if (standing === 'same' || standing === 'newer') return null
  const missing = standing === 'older' ? expected.seq - found.seq : null
  const message =
    missing === null
      ? `this is not the store that was last used here: its entry ${expected.seq} is another one`
      : `this store is older than when it was last used here: it ends at entry ${found.seq}, and ${countEntries(missing)} missing`
  return {
    kind: 'damaged',
    reason: standing === 'older' ? 'older-store' : 'forked-store',
    message,
    hint: 'unless a backup was restored elsewhere, find out who put the file there; then restore the newest backup (keydesk store restore FILE), or have an admin accept it (keydesk store accept)',
    details: { expectedSeq: expected.seq, foundSeq: found.seq, missing },
  }
}

/** `1 entry is`, `8 entries are`. */
const countEntries = (count: number): string => (count === 1 ? '1 entry is' : `${count} entries are`)

export type AcceptRequest = {
  readonly standing: Standing
  readonly expected: Anchor
  readonly found: Anchor
  readonly reason: string | null
}

/** Accepts an older store, or another one, from now on. Admin only, because entries may be lost for good. */
export function decideAccept(request: AcceptRequest, { operator }: Circumstances): Decision<Anchor> {
  const { standing, expected, found, reason } = request
  const details = {
    standing,
    expectedSeq: expected.seq,
    expectedHash: expected.hash,
    foundSeq: found.seq,
    foundHash: found.hash,
    reason,
  }
  const entry = { action: 'store.accept', subject: null, details }
  const forbidden = refuseRole('store.accept', operator)
  return forbidden === null ? allow(entry, [], found) : refuse(entry, forbidden)
}
