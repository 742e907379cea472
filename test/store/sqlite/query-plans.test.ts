/**
 * Tests the query plans of the statements of a call: each uses an index, and none scans all devices.
 * SQLite's planner guesses which table to begin with, and a store without ANALYZE gives it no statistics.
 */
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { decideBlock } from '../../../src/desk/device/decide.ts'
import { openDesk } from '../../../src/store/desk.ts'
import { createFileStore } from '../fixtures.ts'
import { populate, TAGS } from '../reading.ts'

/** Statements that read one row or few: the number of roster statements, the store's row, and the newest entry. */
const OF_FEW_ROWS = [
  'SELECT count(*) AS rows FROM record INDEXED BY sqlite_autoindex_record_1 WHERE collection = ?',
  'SELECT id FROM store',
  'SELECT * FROM entry ORDER BY seq DESC LIMIT 1',
]

test('opening a desk and finding, changing and auditing one device scans no table', async () => {
  const founder = await createFileStore()
  const engine = founder.connect()
  await populate(await openDesk(engine, founder.keys, founder.options), founder)
  const prepared = vi.spyOn(DatabaseSync.prototype, 'prepare')
  const other = founder.connect()
  const desk = await openDesk(other, founder.keys, founder.options)
  await desk.commit(async (records, now) => {
    const device = await records.deviceByTag(TAGS[0] as number)
    if (device === null) throw new Error('no such device')
    await records.deviceSecret(device)
    await records.user(device.user)
    return decideBlock(device, null, { now, operator: desk.me })
  })
  const statements = new Set(prepared.mock.calls.map(([sql]) => sql).filter((sql) => !sql.startsWith('PRAGMA')))
  prepared.mockRestore()
  for (const each of [other, engine]) await each.close()
  const db = new DatabaseSync(founder.path, { readOnly: true })
  const steps = (sql: string) =>
    db
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => String(detail))
  const searches = [...statements].filter((sql) => !OF_FEW_ROWS.includes(sql)).flatMap((sql) => steps(sql))
  db.close()
  expect(statements.size).toBeGreaterThan(6)
  // Searches by a key of one row, or by the value of a blind index, which few rows share.
  const isLookedUp = (step: string) =>
    /^SEARCH \w+ USING .*\((rowid|collection=\? AND (id|name=\? AND value)|seq)[=>]/.test(step)
  // The highest sequence is the last item of its index, so finding it reads one row.
  const isOneRow = (step: string) =>
    /^(SCAN CONSTANT ROW|SCALAR SUBQUERY \d+|SEARCH entry)$|sqlite_(master|schema)/.test(step)
  expect(searches.filter((step) => !isLookedUp(step) && !isOneRow(step))).toEqual([])
})
