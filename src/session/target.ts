/**
 * Which store and operator a command line means, and what the agent holds for them. Without --store it is the default store and no
 * other, whatever else is unlocked: nobody acts on the wrong desk.
 */
import { resolve } from 'node:path'
import type { Which } from '../agent/socket.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import type { WorkstationConfig } from '../workstation/config.ts'
import type { Places } from '../workstation/places.ts'

/** Which store and operator were asked for; undefined where nobody said. */
export type Target = { readonly store: string | undefined; readonly operator: string | undefined }

export function targetOf({ env }: Context, globals: DeskGlobals): Target {
  const store = globals.store ?? (env['KEYDESK_STORE'] || undefined)
  const operator = globals.operator ?? (env['KEYDESK_OPERATOR'] || undefined)
  return { store: store === undefined ? undefined : resolve(store), operator }
}

/**
 * What the agent says of the store that was asked for, or of the default one; null for nothing. A store at the
 * platform's own place is always the default (`init` sees to it), so the config is read only where there is none.
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

/** The workstation's config. conf is loaded here: not on the way of a command that finds its keys in the agent. */
export async function readConfig({ places, random }: Context): Promise<WorkstationConfig> {
  const { EMPTY, hasWorkstation, openWorkstation } = await import('../workstation/config.ts')
  if (!hasWorkstation(places)) return EMPTY
  return (await openWorkstation(places, random)).read()
}
