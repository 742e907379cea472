/**
 * Getting to the desk: which store, and whose keys. The agent is asked first, which costs little; else the passphrase
 * opens the login. Without --store it is the default store and no other, whatever else is unlocked: nobody acts on the
 * wrong desk.
 */
import { resolve } from 'node:path'
import type { Context } from '../context.ts'
import type { GlobalOptions } from '../program.ts'
import { askAgent } from '../store/agent-client.ts'
import { decodeKeys, type Held, type Which } from '../store/agent-protocol.ts'
import { type Desk, openDesk } from '../store/desk.ts'
import type { OpenedKeyring, OperatorKeys } from '../store/keyring.ts'
import type { Places } from '../store/places.ts'
import { findLogin, openLogin, readConfig, withStore } from './login.ts'

/** Options of every `keydesk` command. */
export type DeskGlobals = GlobalOptions & {
  readonly store?: string
  readonly operator?: string
  readonly passphraseFile?: string
}
/** Which store and operator were asked for; undefined where nobody said. */
export type Wanted = { readonly store: string | undefined; readonly operator: string | undefined }

export function wantedBy({ env }: Context, globals: DeskGlobals): Wanted {
  const store = globals.store ?? (env['KEYDESK_STORE'] || undefined)
  const operator = globals.operator ?? (env['KEYDESK_OPERATOR'] || undefined)
  return { store: store === undefined ? undefined : resolve(store), operator }
}

/** Opens the desk, runs `work` and closes it again. Throws `locked` when no keys can be had. */
export async function withDesk<T>(
  context: Context,
  globals: DeskGlobals,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { keys, opened, ...at } = await findKeys(context, globals)
  return withStore(context, at, async (engine) => work(await openDesk(engine, keys, context, opened)))
}

type Found = {
  readonly keys: OperatorKeys
  readonly opened: OpenedKeyring | null
  readonly store: string
  readonly storeId: string
}

async function findKeys(context: Context, globals: DeskGlobals): Promise<Found> {
  const wanted = wantedBy(context, globals)
  // A passphrase that stands on this command line is tried, whatever the agent holds.
  if (globals.passphraseFile === undefined) {
    const held = await findHeld(context, wanted, askAgent)
    if (held?.keys) return { ...decodeKeys(held.keys), store: held.store, storeId: held.storeId }
  }
  const login = await findLogin(context, wanted)
  const { store, storeId } = login
  return { keys: await openLogin(context, globals, login), opened: null, store, storeId }
}

type Ask = (places: Places, which: Which) => Promise<Held | null>

/**
 * What the agent holds for the store that was asked for, or for the default one; null for nothing. A store at the
 * platform's own place is always the default (`init` sees to it), so the config is read only where there is none.
 */
export async function findHeld(context: Context, { store, operator }: Wanted, ask: Ask): Promise<Held | null> {
  const held = await ask(context.places, { store: store ?? context.places.store, operator })
  if (held !== null || store !== undefined) return held
  const { defaultStore } = await readConfig(context)
  return defaultStore === null ? null : ask(context.places, { store: defaultStore, operator })
}
