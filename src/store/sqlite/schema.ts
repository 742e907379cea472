/**
 * The tables of a store file, as steps from one format to the next.
 * - A step is never edited after its release.
 * - A store of an earlier format is upgraded by the steps that it lacks, in one transaction.
 * - The schema must be exactly the one that the steps make. A file with a trigger, a view or another column is not one
 *   of ours.
 */
import { DatabaseSync } from 'node:sqlite'
import { KeydeskError } from '../../errors.ts'
import { damagedStore } from '../../files/errors.ts'

/** "keyd", so that file(1) can tell a store from any other database. */
export const APPLICATION_ID = 0x6b657964

export type Step = readonly string[]

export const STEPS: readonly Step[] = [
  [
    'CREATE TABLE store (one INTEGER PRIMARY KEY CHECK (one = 1), id BLOB NOT NULL) STRICT',
    'CREATE TABLE record (collection TEXT NOT NULL, id BLOB NOT NULL, generation INTEGER NOT NULL, listed BLOB NOT NULL, secret BLOB, UNIQUE (collection, id)) STRICT',
    'CREATE TABLE blind (collection TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, id BLOB NOT NULL, PRIMARY KEY (collection, name, value, id)) STRICT, WITHOUT ROWID',
    'CREATE TABLE entry (seq INTEGER PRIMARY KEY, operator BLOB NOT NULL, generation INTEGER NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL, hash BLOB NOT NULL, signature BLOB NOT NULL) STRICT',
  ],
]

/** Makes an empty database a store of the newest format. The caller opens the transaction. */
export function createSchema(db: DatabaseSync, storeId: Uint8Array): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  runSteps(db, 0, STEPS)
  db.prepare('INSERT INTO store VALUES (1, ?)').run(storeId)
}

/**
 * Throws `damaged` if the file is not a keydesk store, and `refused` if its format is newer than ours. Upgrades a store
 * of an older format. Nothing is written to a file before it is known to be ours.
 */
export function requireSchema(db: DatabaseSync, path: string, steps: readonly Step[]): void {
  if (readPragma(db, 'application_id') !== APPLICATION_ID) throw damagedStore(path, 'it is not a keydesk store')
  // The file itself records its journal mode. In another mode SQLite would merge a log file that lies beside it.
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode').get() ?? {}
  if (mode !== 'delete') throw damagedStore(path, 'another program has changed its mode')
  const format = readPragma(db, 'user_version')
  if (format > steps.length) {
    // Each step changes the tables. So no keydesk wrote a newer format number beside the tables of our format.
    if (describeSchema(db) === expectedSchema(steps)) throw damagedStore(path, 'its format does not fit its tables')
    throw new KeydeskError(
      'refused',
      'newer-format',
      `${path} was written by a newer keydesk (format ${format})`,
      'update keydesk on this machine',
    )
  }
  if (format < steps.length) migrate(db, path, steps)
  compareSchema(db, path, steps)
}

function migrate(db: DatabaseSync, path: string, steps: readonly Step[]): void {
  db.exec('BEGIN EXCLUSIVE')
  try {
    // Another process may have upgraded the store while this one waited.
    const format = readPragma(db, 'user_version')
    compareSchema(db, path, steps.slice(0, format))
    runSteps(db, format, steps)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

function runSteps(db: DatabaseSync, from: number, steps: readonly Step[]): void {
  for (const statement of steps.slice(from).flat()) db.exec(statement)
  db.exec(`PRAGMA user_version = ${steps.length}`)
}

/**
 * Throws `damaged` for another schema. SQLite would run a trigger or a view of the file with our rights, and a missing
 * constraint would allow invalid rows.
 */
function compareSchema(db: DatabaseSync, path: string, steps: readonly Step[]): void {
  if (describeSchema(db) !== expectedSchema(steps))
    throw damagedStore(path, 'its tables are not those of a keydesk store')
}

/**
 * The schema that the steps make. Steps that only create are compared by their own text. Other steps are run in memory,
 * and the result is read from SQLite.
 */
function expectedSchema(steps: readonly Step[]): string {
  const statements = steps.flat()
  if (statements.every((statement) => statement.startsWith('CREATE '))) return statements.toSorted().join('\n')
  const db = new DatabaseSync(':memory:')
  try {
    runSteps(db, 0, steps)
    return describeSchema(db)
  } finally {
    db.close()
  }
}

function describeSchema(db: DatabaseSync): string {
  const rows = db.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').all()
  return rows
    .map(({ sql }) => String(sql))
    .toSorted()
    .join('\n')
}

/** Reads a numeric setting of the file. */
export function readPragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number
}
