/** Performs operations in this process, on a desk that is open. Loaded only where the agent does not perform them. */

import { type AnswerOf, OPERATIONS, type OperationName, type RequestOf } from '../operations/index.ts'
import { NameDirectory } from '../operations/name-directory.ts'
import type { Operation } from '../operations/operation.ts'
import type { Desk } from '../store/desk.ts'

export type PerformInProcess = <N extends OperationName>(
  desk: Desk,
  name: N,
  request: RequestOf<N>,
) => Promise<AnswerOf<N>>

/** What it returns keeps the names of the fleet from one operation to the next, as the agent does. */
export function createPerformer(): PerformInProcess {
  const directory = new NameDirectory()
  return (desk, name, request) => (OPERATIONS[name] as Operation<unknown, never>).perform(desk, request, directory)
}
