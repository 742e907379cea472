/**
 * Examines the current store before a backup replaces it. The current store is whole, damaged or missing. Only its
 * chain, and its role for the operator who restores, are trusted. The backup may hold an older role.
 */
import { existsSync } from 'node:fs'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import type { Anchor } from '../../desk/anchor.ts'
import { type Current, type Seen, seenByAnchor } from '../../desk/backup.ts'
import type { AuditEntry } from '../../desk/records/index.ts'
import { KeydeskError } from '../../errors.ts'
import { agentsAnchorOf } from '../../session/anchor.ts'
import type { DeskKeys } from '../../session/keys.ts'
import { findCommon, findNewest, hashAt } from '../../store/chain-standing.ts'
import { type Desk, openDesk } from '../../store/desk.ts'
import type { Engine, Snapshot } from '../../store/engine.ts'
import { openSqlite } from '../../store/sqlite/open.ts'

/** The number of lost entries to show. */
const SHOWN = 10

export type Present = { readonly current: Current; readonly engine: Engine | null; readonly desk: Desk | null }

/**
 * Throws `refused` if the operator was removed from the store, `busy`, and `damaged` if another store is at this path.
 */
export async function openCurrent(context: Context, { keys, opened, store, storeId }: DeskKeys): Promise<Present> {
  if (!existsSync(store)) return { current: 'missing', engine: null, desk: null }
  const { clock, random, places } = context
  let engine: Engine | null = null
  try {
    engine = openSqlite(store, { uid: places.uid })
    if ((await engine.read(async (snapshot) => encodeHex(snapshot.storeId))) !== storeId) throw otherStore(store)
    return { current: 'whole', engine, desk: await openDesk(engine, keys, { clock, random }, { opened }) }
  } catch (error) {
    await engine?.close()
    const isDamage = error instanceof KeydeskError && error.refusal.kind === 'damaged'
    if (!isDamage || error.refusal.reason === 'other-store') throw error
    return { current: 'damaged', engine: null, desk: null }
  }
}

function otherStore(path: string): KeydeskError {
  const hint = 'move that file away first, or name another place with --store'
  return new KeydeskError('damaged', 'other-store', `${path} is another store than the backup is of`, hint)
}

export type Lost = {
  readonly seen: readonly Seen[]
  readonly newest: Anchor | null
  readonly entries: readonly AuditEntry[]
}

/** The entries that the store is known to have held, and the newest of them that the backup lacks. */
export async function findLost(
  context: Context,
  options: DeskGlobals,
  { engine, desk }: Present,
  backup: Snapshot,
  storeId: string,
): Promise<Lost> {
  const anchor = await agentsAnchorOf(context, options, storeId).read()
  const newestThere = await findNewest(backup)
  const byAnchor = anchor === null ? [] : [seenByAnchor(anchor, newestThere, await hashAt(backup, anchor.seq))]
  if (engine === null || desk === null) return { seen: byAnchor, newest: null, entries: [] }
  const chain = await engine.read(async (snapshot) => ({
    newest: await findNewest(snapshot),
    commonSeq: await findCommon(snapshot, backup),
  }))
  return { seen: [...byAnchor, chain], newest: chain.newest, entries: await readNewest(desk, chain.commonSeq) }
}

function readNewest(desk: Desk, after: number): Promise<AuditEntry[]> {
  return desk.read(async (records) => {
    const entries: AuditEntry[] = []
    for await (const entry of records.entries(after)) {
      entries.push(entry)
      if (entries.length > SHOWN) entries.shift()
    }
    return entries
  })
}

/** Throws `busy` if the store has changed since the operator agreed to lose its newer entries. */
export async function requireUnchanged(
  store: string,
  { engine, current }: Present,
  newest: Anchor | null,
): Promise<void> {
  const now = await engine?.read(findNewest)
  const isSame = engine === null ? existsSync(store) === (current === 'damaged') : now?.hash === newest?.hash
  if (isSame) return
  const message = 'somebody wrote to the store meanwhile; nothing was changed'
  throw new KeydeskError('busy', 'store-changed', message, 'repeat the command, and see what would be given up now')
}
