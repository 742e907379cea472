/**
 * A decision is a pure function: (state, request, now, random bytes) → changes, audit entry, answer or refusal.
 * - It uses no disk, clock or terminal. So it can be repeated after a conflict, and a test can simply call it.
 * - A refusal gets an audit entry as well as an answer does.
 */
import type { HexId } from '../crypto/bytes.ts'
import type { Refusal } from '../errors.ts'
import type { Device, EntryContent, Operator, Organisation, TotpAccount, User } from './records/index.ts'
import type { SectionKeys } from './records/roster.ts'

export type Change =
  /** A new device has a `secret`. Without one, the device keeps the secret that it has. */
  | { readonly put: 'device'; readonly record: Device; readonly secret?: Uint8Array }
  | { readonly put: 'user'; readonly record: User }
  /** A new operator, or a new role: it is stated in the roster, and a keyring is sealed to the operator. */
  | { readonly put: 'operator'; readonly record: Operator }
  /** An operator who leaves: it is stated in the roster, and their keyring is deleted. */
  | { readonly put: 'removal'; readonly operatorId: HexId; readonly at: number }
  /** New keys for all sections: stated in the roster, sealed to all operators. All data is sealed again with them. */
  | { readonly put: 'keys'; readonly keys: SectionKeys }
  | { readonly put: 'policy'; readonly key: string; readonly value: string }
  /** A `secret` replaces the old one. Without one the account keeps its secret, and null deletes it for good. */
  | { readonly put: 'totp'; readonly record: TotpAccount; readonly secret?: Uint8Array | null }
  | { readonly put: 'organisation'; readonly record: Organisation }

export type Decision<A> = {
  readonly changes: readonly Change[]
  readonly entry: EntryContent
} & ({ readonly answer: A } | { readonly refusal: Refusal })

/** The input of every decision besides its own request. `now` is in milliseconds since 1970. */
export type Circumstances = { readonly now: number; readonly operator: Operator }

/** Refuses, with the reason in the audit entry. `changes` hold counters and blocks that the refusal itself causes. */
export function refuse(
  entry: Omit<EntryContent, 'outcome'>,
  refusal: Refusal,
  changes: readonly Change[] = [],
): Decision<never> {
  return { changes, entry: { ...entry, outcome: refusal.reason }, refusal }
}

/** Answers, with the outcome `ok` in the audit entry. */
export function allow<A>(entry: Omit<EntryContent, 'outcome'>, changes: readonly Change[], answer: A): Decision<A> {
  return { changes, entry: { ...entry, outcome: 'ok' }, answer }
}
