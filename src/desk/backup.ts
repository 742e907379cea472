/**
 * Decisions on backups: a copy of the store was made, or a copy replaced the store.
 * Restoring a backup can lose entries. An operator who is not an admin may restore only if it is known that none is
 * lost.
 */
import type { Anchor } from './anchor.ts'
import { allow, type Circumstances, type Decision, refuse } from './decision.ts'
import { refuseRole } from './records/roles.ts'

/**
 * Logs that the store is copied to a file with this name. The copy contains this entry. Any role may do it: all data in
 * it is sealed.
 */
export function decideBackup(file: string): Decision<null> {
  return allow({ action: 'store.backup', subject: null, details: { file } }, [], null)
}

/** The state of the store that is there now. If it is `whole`, its chain is compared with the backup's. */
export type Current = 'whole' | 'damaged' | 'missing'

/**
 * One known end of the store: of its own chain, or the anchor. `commonSeq` is the last entry that the backup has in
 * common with it.
 */
export type Seen = { readonly newest: Anchor; readonly commonSeq: number }

export type RestoreRequest = {
  /** The file name of the backup, without its directory. */
  readonly file: string
  /** The newest entry of the backup. */
  readonly backup: Anchor
  readonly seen: readonly Seen[]
  readonly current: Current
}

/**
 * Compares the backup with an anchor. `hashThere` is the hash of the backup's entry at the anchor's seq, null if there
 * is none.
 */
export function seenByAnchor(anchor: Anchor, backup: Anchor, hashThere: string | null): Seen {
  // If the backup lacks the anchor's entry, the last common one is unknown: the highest possible seq is taken.
  const commonSeq = hashThere === anchor.hash ? anchor.seq : Math.min(anchor.seq - 1, backup.seq)
  return { newest: anchor, commonSeq }
}

/** Counts the entries that are lost, as far as they are known; null if nothing is known. */
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
