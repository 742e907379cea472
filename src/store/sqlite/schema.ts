/**
 * The tables of a store file, as steps from one format to the next. A step is never edited once it was released: a store of
 * any earlier format is brought up by running the steps that it lacks, in one transaction. A file whose schema is not exactly
 * what the steps make (a trigger, a view, another column) is not one of ours.
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

/** Makes an empty database a store of the newest format; inside a transaction of the caller's. */
export function createSchema(db: DatabaseSync, storeId: Uint8Array): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  runSteps(db, 0, STEPS)
  db.prepare('INSERT INTO store VALUES (1, ?)').run(storeId)
}

/**
 * Throws `damaged` for what is no store of ours, `refused` for one of a newer format, and brings an older one up. Nothing is written
 * to a file before it is known to be ours.
 */
export function requireSchema(db: DatabaseSync, path: string, steps: readonly Step[]): void {
  if (readPragma(db, 'application_id') !== APPLICATION_ID) throw damagedStore(path, 'it is not a keydesk store')
  // The mode that a file remembers; SQLite would merge a log that stands beside it.
  const { journal_mode: mode } = db.prepare('PRAGMA journal_mode').get() ?? {}
  if (mode !== 'delete') throw damagedStore(path, 'another program has changed its mode')
  const format = readPragma(db, 'user_version')
  if (format > steps.length) {
    // Each step changes the tables, so a number that is newer than they are was not written by any keydesk.
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
    // Another process may have done it while this one waited.
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

/** A trigger or a view in the file would run with our hands; a missing constraint would let it lie. */
function compareSchema(db: DatabaseSync, path: string, steps: readonly Step[]): void {
  if (describeSchema(db) !== expectedSchema(steps))
    throw damagedStore(path, 'its tables are not those of a keydesk store')
}

/** What the steps make of an empty database: their own words where they only create, and else what SQLite makes of them. */
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

/** A setting of the file that is a number. */
export function readPragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number
}
