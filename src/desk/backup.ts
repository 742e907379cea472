/**
 * Copies of the store: that one was made, and that one took the place of the store. Going back gives up entries, so whoever is no admin may only do it where
 * nothing is known to be lost.
 */
import type { Anchor } from './anchor.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { refuseRole } from './records/roles.ts'

/** That the store is copied to a file of that name; the copy holds this entry. Anyone's: what is copied is sealed. */
export function decideBackup(file: string): Decision<null> {
  return allow({ action: 'store.backup', subject: null, details: { file } }, [], null)
}

/** Whether the store that stands there can be read: its chain is then compared with the backup's. */
export type Current = 'whole' | 'damaged' | 'missing'

/** One thing that is known of how far the store had come: its own chain, or the anchor; and how much of that the backup has. */
export type Seen = { readonly newest: Anchor; readonly commonSeq: number }

export type RestoreRequest = {
  /** The name of the backup, without its place. */
  readonly file: string
  /** The newest entry of the backup. */
  readonly backup: Anchor
  readonly seen: readonly Seen[]
  readonly current: Current
}

/** How far the backup goes along with an anchor; `hashThere` is the hash of its entry at the anchor's place. */
export function seenByAnchor(anchor: Anchor, backup: Anchor, hashThere: string | null): Seen {
  // What lies before an anchor that the backup does not reach, or has another entry for, nobody here can tell.
  const commonSeq = hashThere === anchor.hash ? anchor.seq : Math.min(anchor.seq - 1, backup.seq)
  return { newest: anchor, commonSeq }
}

/** How many entries are given up, as far as is known; null where nothing is. */
export function countGivenUp(seen: readonly Seen[]): number | null {
  if (seen.length === 0) return null
  return Math.max(...seen.map(({ newest, commonSeq }) => newest.seq - commonSeq))
}

export function decideRestore(request: RestoreRequest, { operator }: Circumstances): Decision<number | null> {
  const { file, backup, seen, current } = request
  const givenUp = countGivenUp(seen)
  const known = seen.map(({ newest }) => newest).toSorted((a, b) => b.seq - a.seq)[0]
  const details = {
    file,
    fromSeq: backup.seq,
    fromHash: backup.hash,
    knownSeq: known?.seq ?? null,
    knownHash: known?.hash ?? null,
    givenUp,
    current,
  }
  const entry = { action: 'store.restore', subject: null, details }
  const what =
    givenUp === null ? 'an unknown number of entries' : `${givenUp} newer ${givenUp === 1 ? 'entry' : 'entries'}`
  const forbidden = givenUp === 0 ? null : refuseRole('store.restore', operator, what)
  return forbidden === null ? allow(entry, [], givenUp) : refuse(entry, forbidden)
}
