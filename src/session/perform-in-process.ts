/** Operations performed in this process, with keys that were found once for the whole command. */

import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { HeldDirectory } from '../operations/held-directory.ts'
import type { Perform } from '../operations/index.ts'
import { OPERATIONS } from '../operations/index.ts'
import type { Operation } from '../operations/operation.ts'
import { findKeys, withKeys } from './keys.ts'

export async function performerHere(context: Context, globals: DeskGlobals): Promise<Perform> {
  const found = await findKeys(context, globals)
  const directory = new HeldDirectory()
  return (name, request) => {
    const operation = OPERATIONS[name] as Operation<unknown, never>
    return withKeys(context, globals, found, (desk) => operation.perform(desk, request, directory))
  }
}
