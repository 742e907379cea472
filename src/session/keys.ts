/** Finds the keys for a command: those in the agent, or else the operator's own, which the passphrase opens. */
import { fetchKeys } from '../agent/client.ts'
import { decodeKeys } from '../agent/keys.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import type { AnchorPort } from '../store/chain-standing.ts'
import { type Desk, openDesk } from '../store/desk.ts'
import type { Engine } from '../store/engine.ts'
import type { OpenedKeyring, OperatorKeys } from '../store/keyring.ts'
import { type StorePlace, withStore } from '../store/with-store.ts'
import type { Login } from '../workstation/config.ts'
import { agentsAnchorOf, anchorOf } from './anchor.ts'
import { findLogin, openLogin } from './login.ts'
import { askAboutTarget, targetOf } from './target.ts'

/** Keys, and their store. `opened` is null unless the keys come from the agent. */
export type DeskKeys = StorePlace & {
  readonly keys: OperatorKeys
  readonly opened: OpenedKeyring | null
  /** The login that the passphrase opened. Null if the keys come from the agent. */
  readonly login: Login | null
}

/** The place of an open desk: the path and id of its store, and the engine. */
export type Site = { readonly store: string; readonly storeId: string; readonly engine: Engine }
export type DeskWork<T> = (desk: Desk, site: Site) => Promise<T>

/**
 * `storeId` is the wanted store, if it is known from another source than the file at its path (a backup, for example).
 */
export async function findKeys(context: Context, globals: DeskGlobals, storeId?: string): Promise<DeskKeys> {
  const wanted = targetOf(context, globals)
  // A --passphrase-file on the command line is used even if the agent holds keys.
  if (globals.passphraseFile === undefined) {
    const held = await askAboutTarget(context, wanted, fetchKeys)
    if (held?.keys && (storeId ?? held.storeId) === held.storeId)
      return { ...decodeKeys(held.keys), store: held.store, storeId: held.storeId, login: null }
  }
  const login = await findLogin(context, wanted, storeId)
  const keys = await openLogin(context, globals, login)
  return { keys, opened: null, store: login.store, storeId: login.storeId, login }
}

export function withKeys<T>(context: Context, globals: DeskGlobals, found: DeskKeys, work: DeskWork<T>): Promise<T> {
  // Keys from the agent use the agent's anchor, so this command need not read the workstation's config.
  const anchor = found.opened === null ? anchorOf : agentsAnchorOf
  return openSite(context, found, anchor(context, globals, found.storeId), work)
}

export function withAnyKeys<T>(context: Context, found: DeskKeys, work: DeskWork<T>): Promise<T> {
  return openSite(context, found, null, work)
}

function openSite<T>(context: Context, found: DeskKeys, anchor: AnchorPort | null, work: DeskWork<T>): Promise<T> {
  const { keys, opened, login, store, storeId } = found
  const { clock, random, places } = context
  const options = { clock, random, ...(anchor !== null && { anchor }) }
  return withStore(places, found, async (engine) => {
    const desk = await openDesk(engine, keys, options, { opened })
    // Keys in the agent passed the second factor when they were unlocked.
    if (login !== null) await (await import('./second-factor.ts')).requireFactor(desk, login, desk.roster.roster.policy)
    return work(desk, { store, storeId, engine })
  })
}
