/** Getting to the desk with keys in this process. What a call needs is performed by the agent itself (`perform.ts`). */
import type { Context } from '../context.ts'
import type { GlobalOptions } from '../program.ts'
import type { Desk } from '../store/desk.ts'
import type { Engine } from '../store/engine.ts'

/** Options of every `keydesk` command. */
export type DeskGlobals = GlobalOptions & {
  readonly store?: string
  readonly operator?: string
  readonly passphraseFile?: string
}

/** Where a desk is open: its store's path and id, and the engine beneath. */
export type Site = { readonly store: string; readonly storeId: string; readonly engine: Engine }
export type DeskWork<T> = (desk: Desk, site: Site) => Promise<T>

/** Opens the desk, runs `work` and closes it again. Throws `locked` when no keys can be had, `damaged` for a store put back. */
export async function withDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  // Loaded when a command gets here: a noun also has commands that never do.
  const { findKeys, withKeys } = await import('./found-keys.ts')
  return withKeys(context, globals, await findKeys(context, globals), work)
}

/** The same wherever the store stands: for those who are to judge it. */
export async function withAnyDesk<T>(context: Context, globals: DeskGlobals, work: DeskWork<T>): Promise<T> {
  const { findKeys, withAnyKeys } = await import('./found-keys.ts')
  return withAnyKeys(context, await findKeys(context, globals), work)
}
