/** Performs operations in this process, on an open desk. Imported only if the agent does not perform them. */

import { type AnswerOf, OPERATIONS, type OperationName, type RequestOf } from '../operations/index.ts'
import { NameDirectory } from '../operations/name-directory.ts'
import type { Operation } from '../operations/operation.ts'
import type { Desk } from '../store/desk.ts'

export type PerformInProcess = <N extends OperationName>(
  desk: Desk,
  name: N,
  request: RequestOf<N>,
) => Promise<AnswerOf<N>>

/** The returned function caches the names of the devices between operations, as the agent does. */
export function createPerformer(): PerformInProcess {
  const directory = new NameDirectory()
  return (desk, name, request) => (OPERATIONS[name] as Operation<unknown, never>).perform(desk, request, directory)
}
