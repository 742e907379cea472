/** Checks the chain one entry at a time, and keeps the last valid entry and the first fault. */
import { type ChainedEntry, checkPlace, genesisHash, isCovered } from '../../crypto/audit-chain.ts'
import { equalBytes } from '../../crypto/bytes.ts'
import type { Checkpoint } from '../../crypto/checkpoint.ts'
import type { AuditEntry } from '../../desk/records/index.ts'

/** An operator, and a function that verifies their signature on an entry. */
export type Signer = { readonly name: string; readonly isSigned: (entry: ChainedEntry) => Promise<boolean> }
export type ChainFault = { readonly what: ChainFaultKind; readonly seq: number; readonly message: string }
export type ChainFaultKind =
  | 'missing'
  | 'doubled'
  | 'changed'
  | 'unsigned'
  | 'unknown-operator'
  | 'unopened'
  | 'other-operator'
  | 'unreadable'
  | 'other-history'
  | 'cut-off'

/** `seq` is left out if the fault is in the entry that was checked. */
type Broken = Pick<ChainFault, 'what' | 'message'> & { readonly seq?: number }
/**
 * An entry with everything that `check` needs:
 * - `signer`: the operator that the entry names; null if unknown
 * - `isSigned`: whether their signature is valid; true for a covered entry, which has none
 * - `opened`: the opened body; null if it does not open
 */
export type LookedAt = {
  readonly entry: ChainedEntry
  readonly signer: Signer | null
  readonly isSigned: boolean
  readonly opened: AuditEntry | null
}

/** A valid entry; `at` is in milliseconds since 1970. */
export type Verified = { readonly seq: number; readonly hash: Uint8Array; readonly at: number }
export type ChainReport = {
  readonly newest: Verified | null
  readonly oldest: Verified | null
  /**
   * Entries at which the desk's clock was behind the entry before. This is a note and no fault, because clocks get
   * adjusted.
   */
  readonly clockBack: readonly { readonly seq: number; readonly byMs: number }[]
  readonly fault: ChainFault | null
}

export class ChainWalk {
  readonly #storeId: Uint8Array
  readonly #checkpoints: readonly Checkpoint[]
  readonly #clockBack: { seq: number; byMs: number }[] = []
  #oldest: Verified | null = null
  /** The last entry that is valid and covered by a signature. */
  #newest: Verified | null = null
  /** The last valid entry. Entries from `#uncovered` on still wait for a signed entry that covers them. */
  #last: Verified | null = null
  #uncovered: ChainedEntry | null = null
  fault: ChainFault | null = null

  constructor(storeId: Uint8Array, checkpoints: readonly Checkpoint[]) {
    this.#storeId = storeId
    this.#checkpoints = checkpoints
  }

  /** Seq of the last valid entry, 0 if there is none. */
  get seq(): number {
    return this.#last?.seq ?? 0
  }

  report(): ChainReport {
    return { newest: this.#newest, oldest: this.#oldest, clockBack: this.#clockBack, fault: this.fault }
  }

  fail(what: ChainFaultKind, seq: number, message: string): void {
    this.fault ??= { what, seq, message }
  }

  /** Checks the next entry. Does nothing after a fault. */
  check(looked: LookedAt): void {
    if (this.fault !== null) return
    const { entry } = looked
    const { seq, hash } = entry
    const fault =
      this.#misplaced(entry) ?? this.#forsaken(entry) ?? describeForgery(looked) ?? this.#contradicted(entry)
    if (fault !== null) {
      this.fail(fault.what, fault.seq ?? seq, fault.message)
      return
    }
    const { at } = looked.opened as AuditEntry
    const byMs = (this.#last?.at ?? at) - at
    if (byMs > 0) this.#clockBack.push({ seq, byMs })
    this.#last = { seq, hash, at }
    if (isCovered(entry)) this.#uncovered ??= entry
    else this.#vouch(this.#last)
  }

  #vouch(entry: Verified): void {
    this.#uncovered = null
    this.#newest = entry
    this.#oldest ??= entry
  }

  /** Call this after the last entry: finds missing entries at the end, and entries that no signature covers. */
  end(): void {
    if (this.#last === null) this.fail('missing', 1, 'entry 1 is missing')
    if (this.#uncovered !== null) this.fail('unsigned', this.#uncovered.seq, describeUncovered(this.#uncovered))
    const latest = this.#checkpoints.reduce((most, { seq }) => Math.max(most, seq), 0)
    if (latest <= this.seq) return
    const message = `the record ends with entry ${this.seq}, and a checkpoint was made of entry ${latest}`
    this.fail('cut-off', this.seq + 1, `${message}: its newest entries are missing`)
  }

  #misplaced(entry: ChainedEntry): Broken | null {
    const { seq } = entry
    const previous = this.#last ?? { seq: 0, hash: genesisHash(this.#storeId) }
    const broken = checkPlace(this.#storeId, previous, entry)
    if (broken === 'hash')
      return { what: 'changed', message: `entry ${seq} was changed, or does not follow ${before(seq)}` }
    if (broken === null) return null
    if (seq <= previous.seq) return { what: 'doubled', message: `entry ${seq} is there twice` }
    const [first, last] = [previous.seq + 1, seq - 1]
    return {
      what: 'missing',
      seq: first,
      message: first === last ? `entry ${first} is missing` : `entries ${first} to ${last} are missing`,
    }
  }

  /** Only the same operator can cover the entries that they left uncovered. */
  #forsaken({ operatorId }: ChainedEntry): Broken | null {
    const uncovered = this.#uncovered
    if (uncovered === null || equalBytes(uncovered.operatorId, operatorId)) return null
    return { what: 'unsigned', seq: uncovered.seq, message: describeUncovered(uncovered) }
  }

  #contradicted({ seq, hash }: ChainedEntry): Broken | null {
    const isOther = this.#checkpoints.some((checkpoint) => checkpoint.seq === seq && !equalBytes(checkpoint.hash, hash))
    return isOther
      ? { what: 'other-history', message: `entry ${seq} is not the one that the checkpoint was made of` }
      : null
  }
}

/** Null if the operator signed the entry, and its body opens and names the same operator. */
function describeForgery({ entry: { seq }, signer, isSigned, opened }: LookedAt): Broken | null {
  if (signer === null) return { what: 'unknown-operator', message: `entry ${seq} is by nobody who is known here` }
  if (!isSigned) return { what: 'unsigned', message: `entry ${seq} was not signed by ${signer.name}, whose it is` }
  if (opened === null || !Number.isFinite(opened.at))
    return {
      what: 'unopened',
      message: `what entry ${seq} says does not open: it was sealed for another place, or changed`,
    }
  if (opened.operator === signer.name) return null
  return { what: 'other-operator', message: `entry ${seq} was signed by ${signer.name} and names ${opened.operator}` }
}

const describeUncovered = ({ seq }: ChainedEntry): string =>
  `entry ${seq} was left to be covered by a later one, and its operator signed none`
const before = (seq: number): string => (seq === 1 ? 'the beginning' : `entry ${seq - 1}`)
