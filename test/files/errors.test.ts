/**
 * Errors of SQLite and of the file system become refusals that an operator understands.
 * Any other error is a fault of ours, and passes unchanged.
 */
import { expect, test } from 'vitest'
import { KeydeskError } from '../../src/errors.ts'
import { toSqliteError, toStoreError } from '../../src/files/errors.ts'

const failed = (given: { errcode?: number; code?: string }) => Object.assign(new Error('as it was said'), given)
const meaningOf = (error: unknown) =>
  error instanceof KeydeskError ? `${error.refusal.kind} ${error.refusal.reason}` : error

test.each([
  [5, 'busy busy'], // SQLITE_BUSY
  [261, 'busy busy'], // SQLITE_BUSY_RECOVERY
  [6, 'busy busy'], // SQLITE_LOCKED
  [13, 'refused disk-full'], // SQLITE_FULL
  [778, 'refused disk-full'], // SQLITE_IOERR_WRITE
  [8, 'refused not-writable'], // SQLITE_READONLY
  [1032, 'busy store-replaced'], // SQLITE_READONLY_DBMOVED
  [776, 'refused not-writable'], // SQLITE_READONLY_ROLLBACK
  [14, 'refused not-writable'], // SQLITE_CANTOPEN
  [10, 'damaged disk-error'], // SQLITE_IOERR
  [1034, 'damaged disk-error'], // SQLITE_IOERR_FSYNC
  [11, 'damaged damaged-store'], // SQLITE_CORRUPT
  [26, 'damaged damaged-store'], // SQLITE_NOTADB
  [18, 'damaged damaged-store'], // SQLITE_TOOBIG
  [1555, 'damaged damaged-store'], // SQLITE_CONSTRAINT_PRIMARYKEY
])('error %i of SQLite becomes %s', (errcode, meaning) => {
  for (const turn of [toStoreError, toSqliteError])
    expect(meaningOf(turn(failed({ errcode, code: 'ERR_SQLITE_ERROR' }), '/p'))).toBe(meaning)
})

test.each([
  ['ENOSPC', 'refused disk-full'],
  ['EDQUOT', 'refused disk-full'],
  ['EFBIG', 'refused disk-full'],
  ['EACCES', 'refused not-writable'],
  ['EPERM', 'refused not-writable'],
  ['EROFS', 'refused not-writable'],
  ['EIO', 'damaged disk-error'],
  ['ENOTDIR', 'refused no-such-place'],
  ['ENAMETOOLONG', 'refused no-such-place'],
])('%s becomes %s for the store, and passes unchanged where only errors of SQLite are translated', (code, meaning) => {
  const error = failed({ code })
  expect(meaningOf(toStoreError(error, '/p'))).toBe(meaning)
  expect(toSqliteError(error, '/p')).toBe(error)
})

test('each refusal names the file, the cause and the next step', () => {
  for (const errcode of [5, 13, 8, 10, 11]) {
    const { refusal } = toStoreError(failed({ errcode }), '/srv/desk') as KeydeskError
    expect(refusal.message).toContain('/srv/desk')
    expect(refusal.hint?.length).toBeGreaterThan(10)
  }
})

test.each([
  [10, 'keydesk store verify'],
  [11, 'keydesk store restore FILE'],
])('error %i of SQLite names the command that helps', (errcode, command) => {
  expect((toStoreError(failed({ errcode }), '/p') as KeydeskError).refusal.hint).toContain(command)
})

test.each([
  undefined,
  null,
  'text',
  7,
  new Error('ours'),
  new TypeError('ours'),
  failed({ errcode: 7 }),
  failed({ code: 'EMFILE' }),
])('%s passes unchanged', (error) => {
  expect(toStoreError(error, '/p')).toBe(error)
})

test('a KeydeskError passes unchanged', () => {
  const ours = new KeydeskError('notfound', 'no-store', 'there is none')
  expect(toStoreError(ours, '/p')).toBe(ours)
})
