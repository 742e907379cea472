/**
 * The store in one SQLite file, by node:sqlite. Every commit is durable before it resolves (rollback journal, synchronous=EXTRA),
 * kernel locks die with their process, and what was deleted is overwritten. The file is untrusted: its schema must be ours to
 * the letter, and what it holds means nothing before it is opened with a key.
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

/** How long a writer waits for another before it is told `busy`. */
const BUSY_TIMEOUT_MS = 5_000
/** Far more than any row of ours: a file that claims a longer one is refused before memory is given to it. */
const LONGEST_ROW = 2 ** 20

export type SqliteOptions = {
  /** The user whose file it must be; null where there are no modes. */
  readonly uid: number | null
  readonly busyTimeoutMs?: number
  /** The steps that make the current format. */
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
    // Looked at before it is opened: if another takes the place in between, it is the first transaction that finds out.
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

/** A page that is missing at the end would be missed only by whoever looks for it. The file is asked last: it never shrinks. */
function requireWhole(db: DatabaseSync, path: string): void {
  const bytes = readPragma(db, 'page_count') * readPragma(db, 'page_size')
  if (statSync(path).size < bytes) throw damagedStore(path, 'its end is missing')
}

/**
 * Creates the store at `path`, whole or not at all: `fill` writes its first state into a file beside it, which then takes the
 * name in one step and never takes the place of another file. Throws `refused` when there is one.
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
    // A link, for it fails where a rename would take the place of a store that was made meanwhile.
    linkSync(draft, path)
    syncDirectory(dirname(path))
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? storeExists(path) : toStoreError(error, path)
  } finally {
    for (const left of [draft, `${draft}-journal`]) rmSync(left, { force: true })
  }
}

/** Throws `refused` when there is anything at `path`: a store never takes the place of another. */
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

/** None of these settings touches the file, which may yet turn out to be another program's. */
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
