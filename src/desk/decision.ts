/**
 * A decision is a pure function: (state, request, now, random bytes) → what changes, what goes on record, and the answer or the
 * refusal. It touches no disk, clock or terminal, so it can be made again after a conflict, and tested by calling it. A
 * refusal is as much on record as an answer.
 */
import type { Refusal } from '../errors.ts'
import type { Device, EntryContent, Operator, Organisation, User } from './records.ts'

export type Change =
  /** `secret` is given when the device is new, and left out to keep the one it has. */
  | { readonly put: 'device'; readonly record: Device; readonly secret?: Uint8Array }
  | { readonly put: 'user'; readonly record: User }
  | { readonly put: 'operator'; readonly record: Operator }
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
