/**
 * A decision is a pure function: (state, request, now, random bytes) → what changes, what goes on record, and the answer or the
 * refusal. It touches no disk, clock or terminal, so it can be made again after a conflict, and tested by calling it. A
 * refusal is as much on record as an answer.
 */
import type { HexId } from '../crypto/bytes.ts'
import type { Refusal } from '../errors.ts'
import type { Device, EntryContent, Operator, Organisation, TotpAccount, User } from './records/index.ts'
import type { SectionKeys } from './records/roster.ts'

export type Change =
  /** `secret` is given when the device is new, and left out to keep the one it has. */
  | { readonly put: 'device'; readonly record: Device; readonly secret?: Uint8Array }
  | { readonly put: 'user'; readonly record: User }
  /** A new operator, or another role: stated in the roster, and a keyring sealed to them. */
  | { readonly put: 'operator'; readonly record: Operator }
  /** An operator who leaves: stated in the roster, and their keyring taken away. */
  | { readonly put: 'removal'; readonly operatorId: HexId; readonly at: number }
  /** New keys for all sections: stated in the roster, sealed to everybody, and everything sealed anew. */
  | { readonly put: 'keys'; readonly keys: SectionKeys }
  | { readonly put: 'policy'; readonly key: string; readonly value: string }
  /** `secret` is given when it is new, left out to keep the one there is, and null to take it away for good. */
  | { readonly put: 'totp'; readonly record: TotpAccount; readonly secret?: Uint8Array | null }
  | { readonly put: 'organisation'; readonly record: Organisation }

export type Decision<A> = {
  readonly changes: readonly Change[]
  readonly entry: EntryContent
} & ({ readonly answer: A } | { readonly refusal: Refusal })

/** What every decision is told beside its own request. */
export type Circumstances = { readonly now: number; readonly operator: Operator }

/** Refuses, and puts the reason on record; `changes` are for what a refusal itself counts or blocks. */
export function refuse(
  entry: Omit<EntryContent, 'outcome'>,
  refusal: Refusal,
  changes: readonly Change[] = [],
): Decision<never> {
  return { changes, entry: { ...entry, outcome: refusal.reason }, refusal }
}

/** Answers, and puts it on record. */
export function allow<A>(entry: Omit<EntryContent, 'outcome'>, changes: readonly Change[], answer: A): Decision<A> {
  return { changes, entry: { ...entry, outcome: 'ok' }, answer }
}
