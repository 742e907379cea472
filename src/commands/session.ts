/** Getting to the desk with keys in this process. What a call needs is performed by the agent itself (`perform.ts`). */
import type { Context } from '../context.ts'
import type { GlobalOptions } from '../program.ts'
import type { Desk } from '../store/desk.ts'

/** Options of every `keydesk` command. */
export type DeskGlobals = GlobalOptions & {
  readonly store?: string
  readonly operator?: string
  readonly passphraseFile?: string
}

/** Opens the desk, runs `work` and closes it again. Throws `locked` when no keys can be had. */
export async function withDesk<T>(
  context: Context,
  globals: DeskGlobals,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  // Loaded when a command gets here: a noun also has commands that never do.
  const { findKeys, withKeys } = await import('./found-keys.ts')
  return withKeys(context, await findKeys(context, globals), work)
}
