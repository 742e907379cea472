/**
 * An operation is one thing that a desk can be asked: a request in, an answer out, both plain data. So it can be performed wherever the
 * keys are, in the agent or in the command's own process, by the same lines.
 */
import type { Desk } from '../store/desk.ts'
import type { NameDirectory } from './name-directory.ts'

export type Operation<Q, A> = {
  /** Whether this is a request of ours: it may come from another process. */
  readonly accepts: (request: unknown) => request is Q
  /** It only looks, and may take a while: other work does not wait for it. */
  readonly onlyLooks?: true
  /** Throws the refusal as a KeydeskError, once it is on record. */
  readonly perform: (desk: Desk, request: Q, directory: NameDirectory) => Promise<A>
}
