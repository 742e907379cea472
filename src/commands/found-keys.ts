/** The keys that a command acts with: those that the agent holds, else the operator's own, which the passphrase opens. */
import type { Context } from '../context.ts'
import { askAgent } from '../store/agent-client.ts'
import { decodeKeys } from '../store/agent-keys.ts'
import { type Desk, openDesk } from '../store/desk.ts'
import type { OpenedKeyring, OperatorKeys } from '../store/keyring.ts'
import { type StorePlace, withStore } from '../store/with-store.ts'
import { findHeld, wantedBy } from './held.ts'
import { findLogin, openLogin } from './login.ts'
import type { DeskGlobals } from './session.ts'

/** Keys, and the store that they are for. */
export type Found = StorePlace & { readonly keys: OperatorKeys; readonly opened: OpenedKeyring | null }

export function withKeys<T>(context: Context, found: Found, work: (desk: Desk) => Promise<T>): Promise<T> {
  const { keys, opened } = found
  return withStore(context.places, found, async (engine) => work(await openDesk(engine, keys, context, opened)))
}

export async function findKeys(context: Context, globals: DeskGlobals): Promise<Found> {
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
