/** The walk along the chain, an entry at a time: what it has seen to hold, and the first thing that does not. */
import { type ChainedEntry, checkEntry, genesisHash } from '../crypto/audit-chain.ts'
import { equalBytes } from '../crypto/bytes.ts'
import type { Checkpoint } from '../crypto/checkpoint.ts'
import type { Verifier } from '../crypto/signature.ts'
import type { AuditEntry } from '../desk/records.ts'
import { KeydeskError } from '../errors.ts'
import { openEntry } from './records.ts'
import type { Sealer } from './sealer.ts'

export type Signer = { readonly name: string; readonly isSigned: Verifier }
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

/** An entry that holds. */
export type Verified = { readonly seq: number; readonly hash: Uint8Array; readonly at: number }
export type ChainReport = {
  readonly newest: Verified | null
  readonly oldest: Verified | null
  /** Where the desk's clock was behind the entry before: a note and no fault, for clocks are set. */
  readonly clockBack: readonly { readonly seq: number; readonly byMs: number }[]
  readonly fault: ChainFault | null
}

export class ChainWalk {
  readonly #storeId: Uint8Array
  readonly #sealer: Sealer
  readonly #checkpoints: readonly Checkpoint[]
  readonly #clockBack: { seq: number; byMs: number }[] = []
  #oldest: Verified | null = null
  #newest: Verified | null = null
  fault: ChainFault | null = null

  constructor(storeId: Uint8Array, sealer: Sealer, checkpoints: readonly Checkpoint[]) {
    this.#storeId = storeId
    this.#sealer = sealer
    this.#checkpoints = checkpoints
  }

  /** Sequence of the last entry that holds. */
  get seq(): number {
    return this.#newest?.seq ?? 0
  }

  report(): ChainReport {
    return { newest: this.#newest, oldest: this.#oldest, clockBack: this.#clockBack, fault: this.fault }
  }

  fail(what: ChainFaultKind, seq: number, message: string): void {
    this.fault ??= { what, seq, message }
  }

  /** Looks at the next entry, unless one before it did not hold. */
  check(entry: ChainedEntry, signer: Signer | null): void {
    if (this.fault !== null || !this.#follows(entry, signer)) return
    const { seq, hash } = entry
    const opened = this.#open(entry, (signer as Signer).name)
    if (opened === null) return
    if (this.#checkpoints.some((checkpoint) => checkpoint.seq === seq && !equalBytes(checkpoint.hash, hash))) {
      this.fail('other-history', seq, `entry ${seq} is not the one that the checkpoint was made of`)
      return
    }
    const byMs = (this.#newest?.at ?? opened.at) - opened.at
    if (byMs > 0) this.#clockBack.push({ seq, byMs })
    this.#newest = { seq, hash, at: opened.at }
    this.#oldest ??= this.#newest
  }

  /** There are no more entries. */
  end(): void {
    if (this.#newest === null) this.fail('missing', 1, 'entry 1 is missing')
    const latest = this.#checkpoints.reduce((most, { seq }) => Math.max(most, seq), 0)
    if (latest <= this.seq) return
    const message = `the record ends with entry ${this.seq}, and a checkpoint was made of entry ${latest}`
    this.fail('cut-off', this.seq + 1, `${message}: its newest entries are missing`)
  }

  #follows(entry: ChainedEntry, signer: Signer | null): boolean {
    const { seq } = entry
    const previous = this.#newest ?? { seq: 0, hash: genesisHash(this.#storeId) }
    const broken = checkEntry(signer?.isSigned ?? (() => false), this.#storeId, previous, entry)
    if (broken === null) return true
    if (broken === 'order') this.#failOrder(previous.seq, seq)
    else if (broken === 'hash') this.fail('changed', seq, `entry ${seq} was changed, or does not follow ${before(seq)}`)
    else if (signer === null) this.fail('unknown-operator', seq, `entry ${seq} is by nobody who is known here`)
    else this.fail('unsigned', seq, `entry ${seq} was not signed by ${signer.name}, whose it is`)
    return false
  }

  #failOrder(last: number, seq: number): void {
    const which = seq - 1 > last + 1 ? `entries ${last + 1} to ${seq - 1} are` : `entry ${last + 1} is`
    if (seq <= last) this.fail('doubled', seq, `entry ${seq} is there twice`)
    else this.fail('missing', last + 1, `${which} missing`)
  }

  /** What it says; null, and a fault, unless it was sealed for this place and names its signer. */
  #open(entry: ChainedEntry, name: string): AuditEntry | null {
    const { seq } = entry
    const opened = this.#tryOpen(entry)
    if (opened === null || !Number.isFinite(opened.at)) {
      this.fail('unopened', seq, `what entry ${seq} says does not open: it was sealed for another place, or changed`)
      return null
    }
    if (opened.operator === name) return opened
    this.fail(
      'other-operator',
      seq,
      `entry ${seq} was signed by ${name} and names another operator: ${opened.operator}`,
    )
    return null
  }

  #tryOpen(entry: ChainedEntry): AuditEntry | null {
    try {
      return openEntry(this.#sealer, entry)
    } catch (error) {
      if (error instanceof KeydeskError) return null
      throw error
    }
  }
}

const before = (seq: number): string => (seq === 1 ? 'the beginning' : `entry ${seq - 1}`)
