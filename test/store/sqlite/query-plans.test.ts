/**
 * What a call asks of the store is looked up, never searched for: no statement goes through all devices, however many there are. SQLite's
 * planner guesses which table to begin with, and a store that was never analysed gives it nothing to guess by.
 */
import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { decideBlock } from '../../../src/desk/device/decide.ts'
import { openDesk } from '../../../src/store/desk.ts'
import { createFileStore } from '../fixtures.ts'
import { populate, TAGS } from '../reading.ts'

/** Of one row, or few: the store's own, the newest entry, and how many statements the roster has. */
const OF_FEW_ROWS = [
  'SELECT count(*) AS rows FROM record INDEXED BY sqlite_autoindex_record_1 WHERE collection = ?',
  'SELECT id FROM store',
  'SELECT * FROM entry ORDER BY seq DESC LIMIT 1',
]

test('opening a desk, finding, changing and recording one device goes through no table', async () => {
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
  // By what belongs to one row alone, or to the few of one index.
  const isLookedUp = (step: string) =>
    /^SEARCH \w+ USING .*\((rowid|collection=\? AND (id|name=\? AND value)|seq)[=>]/.test(step)
  // The highest sequence is the end of its index.
  const isOneRow = (step: string) =>
    /^(SCAN CONSTANT ROW|SCALAR SUBQUERY \d+|SEARCH entry)$|sqlite_(master|schema)/.test(step)
  expect(searches.filter((step) => !isLookedUp(step) && !isOneRow(step))).toEqual([])
})
