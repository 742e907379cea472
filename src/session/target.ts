/**
 * Finds the store and the operator that a command line means, and asks the agent about them. Without --store and
 * KEYDESK_STORE, the default store is meant, even if only another store is unlocked. So no command acts on the wrong
 * desk.
 */
import { resolve } from 'node:path'
import type { Which } from '../agent/socket.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import type { WorkstationConfig } from '../workstation/config.ts'
import type { Places } from '../workstation/places.ts'

/** The named store and operator. Undefined if not named. */
export type Target = { readonly store: string | undefined; readonly operator: string | undefined }

export function targetOf({ env }: Context, globals: DeskGlobals): Target {
  const store = globals.store ?? (env['KEYDESK_STORE'] || undefined)
  const operator = globals.operator ?? (env['KEYDESK_OPERATOR'] || undefined)
  return { store: store === undefined ? undefined : resolve(store), operator }
}

/**
 * The agent's answer about the named store or the default one. Null if the agent holds nothing for it. The platform's
 * own store path is tried first: if a store is there, `init` has made it the default. The config is read only if the
 * agent knows nothing of that path.
 */
export async function askAboutTarget<T>(
  context: Context,
  { store, operator }: Target,
  ask: (places: Places, which: Which) => Promise<T | null>,
): Promise<T | null> {
  const held = await ask(context.places, { store: store ?? context.places.store, operator })
  if (held !== null || store !== undefined) return held
  const { defaultStore } = await readConfig(context)
  return defaultStore === null ? null : ask(context.places, { store: defaultStore, operator })
}

/**
 * The workstation's config. Imported late (with the package conf): a command that finds its keys in the agent does not
 * need it.
 */
export async function readConfig({ places, random }: Context): Promise<WorkstationConfig> {
  const { EMPTY, hasWorkstation, openWorkstation } = await import('../workstation/config.ts')
  if (!hasWorkstation(places)) return EMPTY
  return (await openWorkstation(places, random)).read()
}
