/**
 * Tests reads through a damaged index of SQLite's own. Every bit of the index's cells is flipped in turn.
 * - A read returns the row with the given id or none, never another row.
 * - A scan returns all rows or is refused as damaged. It never silently misses a row.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encodeHex } from '../../src/crypto/bytes.ts'
import { KeydeskError } from '../../src/errors.ts'
import type { Snapshot } from '../../src/store/engine.ts'
import { createSqlite, openSqlite } from '../../src/store/sqlite/open.ts'
import { filled } from '../crypto/fixtures.ts'
import { createHome } from '../fake-context.ts'
import { uid } from './fixtures.ts'

const COLLECTIONS = ['keyring', 'organisation', 'roster', 'user', 'device', 'user', 'device']
const ROWS = COLLECTIONS.map((collection, i) => ({
  collection,
  row: { id: filled(16, 0x70 + i), generation: 1, listed: filled(40, i), secret: null },
}))
const DEVICES = ROWS.filter(({ collection }) => collection === 'device').map(({ row }) => row)

/** The offset of a device's key in the index: a header (text of 6 bytes, blob of 16, integer of 1), then the key. */
function findIndexCell(file: Buffer, id: Uint8Array): number {
  const at = file.indexOf(Buffer.concat([Buffer.from([4, 0x19, 0x2c, 1]), Buffer.from('device'), id]))
  expect(at).toBeGreaterThan(0)
  return at
}

/** The result of `work` on the file, or null if it is refused as damaged. */
async function readFrom<T>(path: string, work: (snapshot: Snapshot) => Promise<T>): Promise<T | null> {
  let engine: ReturnType<typeof openSqlite> | null = null
  try {
    engine = openSqlite(path, { uid, busyTimeoutMs: 50 })
    return await engine.read(work)
  } catch (error) {
    if (error instanceof KeydeskError && error.refusal.kind === 'damaged') return null
    throw error
  } finally {
    await engine?.close()
  }
}

async function scanIds(snapshot: Snapshot): Promise<string[]> {
  const ids: string[] = []
  for await (const { id } of snapshot.scanRows('device')) ids.push(encodeHex(id))
  return ids
}

test('a flipped bit in an index leads to no wrong row, and to no scan with missing rows', async () => {
  const path = join(createHome(), 'desk.keydesk')
  await createSqlite(path, filled(16, 7), async (engine) => {
    await engine.commit(async (commit) => {
      for (const { collection, row } of ROWS) await commit.putRow(collection, row)
    })
  })
  const file = readFileSync(path)
  const all = DEVICES.map(({ id }) => encodeHex(id))
  expect(await readFrom(path, scanIds)).toEqual(all)
  let refused = 0
  for (const start of DEVICES.map(({ id }) => findIndexCell(file, id))) {
    for (let bit = 0; bit < 27 * 8; bit++) {
      const flipped = Buffer.from(file)
      const at = start + (bit >> 3)
      flipped[at] = (flipped[at] as number) ^ (1 << (bit & 7))
      writeFileSync(path, flipped, { mode: 0o600 })
      const scanned = await readFrom(path, scanIds)
      expect([all, null], `bit ${bit}`).toContainEqual(scanned)
      if (scanned === null) refused++
      for (const { id } of DEVICES) {
        const found = await readFrom(path, (snapshot) => snapshot.getRow('device', id))
        if (found !== null) expect(encodeHex(found.id), `bit ${bit}`).toBe(encodeHex(id))
      }
    }
  }
  expect(refused).toBeGreaterThan(0)
})
