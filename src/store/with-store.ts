/** Opens the store that was set up at this workstation, for one piece of work. */
import { existsSync } from 'node:fs'
import { encodeHex } from '../crypto/bytes.ts'
import { KeydeskError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { openSqlite, type SqliteOptions } from './sqlite/open.ts'

/** The path of a store, and the id that it must have (hexadecimal). */
export type StorePlace = { readonly store: string; readonly storeId: string }

/**
 * Runs `work` on the store. Throws `notfound` if the file is missing, and `damaged` if another store is in its place.
 */
export async function withStore<T>(
  options: Pick<SqliteOptions, 'uid' | 'busyTimeoutMs'>,
  { store, storeId }: StorePlace,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const hint = 'put the file back, or a backup (keydesk store restore FILE), or name another store with --store'
  if (!existsSync(store)) throw new KeydeskError('notfound', 'no-store', `the store is not at ${store} any more`, hint)
  const engine = openSqlite(store, options)
  try {
    if ((await readStoreId(engine)) === storeId) return await work(engine)
    throw new KeydeskError('damaged', 'other-store', `${store} is not the store that was set up here`, hint)
  } finally {
    await engine.close()
  }
}

/** The store's id in hexadecimal. */
export async function readStoreId(engine: Engine): Promise<string> {
  return engine.read(async (snapshot) => encodeHex(snapshot.storeId))
}
