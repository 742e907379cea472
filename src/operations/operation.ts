/**
 * An operation is one request to a desk. Request and answer are plain data.
 * So the same code performs it wherever the keys are: in the agent, or in the command's own process.
 */
import type { Desk } from '../store/desk.ts'
import type { NameDirectory } from './name-directory.ts'

export type Operation<Q, A> = {
  /** Whether the value is a valid request. It may come from another process. */
  readonly accepts: (request: unknown) => request is Q
  /** Set if the operation only reads and may take a while. Other work does not wait for it. */
  readonly onlyLooks?: true
  /** Throws the refusal as a KeydeskError, after it is in the audit log. */
  readonly perform: (desk: Desk, request: Q, directory: NameDirectory) => Promise<A>
}
