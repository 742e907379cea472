/**
 * The store in one SQLite file, through node:sqlite.
 * - Every commit is durable before it resolves: rollback journal, synchronous=EXTRA.
 * - The kernel holds the locks, so a lock ends with its process.
 * - Deleted data is overwritten.
 * - The file is untrusted. Its schema must be exactly ours, and its content means nothing until a key has opened it.
 */
import { closeSync, linkSync, lstatSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { KeydeskError } from '../../errors.ts'
import { damagedStore, guardStore, toStoreError } from '../../files/errors.ts'
import { requirePrivate } from '../../files/modes.ts'
import { identifyFile } from '../../files/same-file.ts'
import { syncDirectory } from '../../files/sync-directory.ts'
import type { Engine } from '../engine.ts'
import { SqliteEngine } from './engine.ts'
import { createSchema, readPragma, requireSchema, STEPS, type Step } from './schema.ts'

/** How long a writer waits for another writer before it fails with `busy`. */
const BUSY_TIMEOUT_MS = 5_000
/** Far longer than any row of ours. SQLite refuses a longer row before it allocates memory for it. */
const LONGEST_ROW = 2 ** 20

export type SqliteOptions = {
  /** The user who must own the file; null where files have no modes (Windows). */
  readonly uid: number | null
  readonly busyTimeoutMs?: number
  /** The schema steps that make the newest format; `STEPS` unless given. */
  readonly steps?: readonly Step[]
}

/** Opens the store at `path`. Throws `notfound`, `refused` (modes, a newer format), `damaged` or `busy`. */
export function openSqlite(path: string, options: SqliteOptions): Engine {
  return guardStore(path, () => {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
      throw new KeydeskError(
        'notfound',
        'no-store',
        `there is no store at ${path}`,
        'keydesk init --org NAME --operator NAME',
      )
    }
    requirePrivate(path, options.uid)
    // Identified before it is opened. If another file takes the path in between, the first transaction notices it.
    const place = identifyFile(path)
    const db = connect(path, options.busyTimeoutMs ?? BUSY_TIMEOUT_MS)
    try {
      requireSchema(db, path, options.steps ?? STEPS)
      requireWhole(db, path)
      return new SqliteEngine(db, path, place)
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/**
 * Throws `damaged` if the file is shorter than its header says. Otherwise only a read of the missing pages would notice
 * it. The file's size is read last: another process may let it grow meanwhile, but a store never shrinks.
 */
function requireWhole(db: DatabaseSync, path: string): void {
  const bytes = readPragma(db, 'page_count') * readPragma(db, 'page_size')
  if (statSync(path).size < bytes) throw damagedStore(path, 'its end is missing')
}

/**
 * Creates the store at `path`, completely or not at all. `fill` writes its first state into a draft file beside it. The
 * draft then takes the name in one step. It never replaces another file: throws `refused` if there is one.
 */
export async function createSqlite(
  path: string,
  storeId: Uint8Array,
  fill: (engine: Engine) => Promise<void>,
): Promise<void> {
  requireNoStore(path)
  const draft = `${path}.${Buffer.from(storeId).toString('hex').slice(0, 8)}.new`
  try {
    closeSync(openSync(draft, 'wx', 0o600))
    await fillDraft(draft, storeId, fill)
    // linkSync fails if a store was created meanwhile; renameSync would replace that store.
    linkSync(draft, path)
    syncDirectory(dirname(path))
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? storeExists(path) : toStoreError(error, path)
  } finally {
    for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true })
  }
}

/** Throws `refused` if anything exists at `path`: a new store never replaces another file. */
export function requireNoStore(path: string): void {
  if (guardStore(path, () => lstatSync(path, { throwIfNoEntry: false })) !== undefined) throw storeExists(path)
}

function storeExists(path: string): KeydeskError {
  return new KeydeskError(
    'refused',
    'store-exists',
    `there is a file at ${path} already`,
    'if it is your desk: keydesk unlock; for another desk choose another place with --store PATH',
  )
}

async function fillDraft(draft: string, storeId: Uint8Array, fill: (engine: Engine) => Promise<void>): Promise<void> {
  const db = connect(draft, BUSY_TIMEOUT_MS)
  try {
    db.exec('BEGIN EXCLUSIVE')
    createSchema(db, storeId)
    db.exec('COMMIT')
    await fill(new SqliteEngine(db, draft, identifyFile(draft)))
  } finally {
    db.close()
  }
}

/** Opens a connection. None of these settings writes to the file, which may still turn out to be another program's. */
export function connect(path: string, busyTimeoutMs: number): DatabaseSync {
  const db = new DatabaseSync(path, {
    timeout: busyTimeoutMs,
    enableForeignKeyConstraints: false,
    defensive: true,
    limits: { length: LONGEST_ROW },
  })
  try {
    db.exec(
      'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA synchronous = EXTRA; PRAGMA secure_delete = ON',
    )
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
