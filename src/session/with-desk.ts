/** Getting to the desk with keys in this process. What a call needs is performed by the agent itself (`perform.ts`). */
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import type { DeskWork } from './keys.ts'

/** Opens the desk, runs `work` and closes it again. Throws `locked` when no keys can be had, `damaged` for a store put back. */
export async function withDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  // Loaded when a command gets here: a noun also has commands that never do.
  const { findKeys, withKeys } = await import('./keys.ts')
  return withKeys(context, globals, await findKeys(context, globals), work)
}

/** The same wherever the store stands: for those who are to judge it. */
export async function withAnyDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  const { findKeys, withAnyKeys } = await import('./keys.ts')
  return withAnyKeys(context, await findKeys(context, globals), work)
}
