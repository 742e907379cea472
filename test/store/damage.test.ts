/**
 * Flips bytes of the store's file and of its journal: in SQLite's header, its pages, its schema.
 * - Each flip is refused as damaged, or changes nothing, or is found by verifying.
 * - A flip never crashes keydesk and never changes an answer, except that a damaged index finds less.
 * - KEYDESK_FLIP_STEP=1 flips every byte, which takes minutes. The default is every 97th.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { KeydeskError } from '../../src/errors.ts'
import { openDesk } from '../../src/store/desk.ts'
import type { Engine } from '../../src/store/engine.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { verifyStore } from '../../src/store/verify/store.ts'
import { flipBit } from '../crypto/fixtures.ts'
import { createFileStore, type FileStore, uid } from './fixtures.ts'
import { populate, readEverything } from './reading.ts'
import { findFaults } from './verify/verifying.ts'

const STEP = Number(process.env['KEYDESK_FLIP_STEP'] ?? 97)
const HEADER = 100

type Outcome = 'refused' | 'harmless' | 'found' | 'less'

async function judge(founder: FileStore, whole: string, path: string): Promise<Outcome> {
  let engine: Engine | null = null
  try {
    engine = openSqlite(path, { uid, busyTimeoutMs: 50 })
    const read = await readEverything(engine, founder)
    const faults = await findFaults(engine, founder)
    const { faultCount } = await verifyStore(await openDesk(engine, founder.keys, founder.options), () => undefined)
    // `store verify` finds every fault that the independent verifier finds.
    if (faults.length > 0) expect(faultCount).toBeGreaterThan(0)
    if (faults.length > 0) return 'found'
    if (read === whole) return 'harmless'
    // A damaged index finds fewer records. No record is invented, and verifying reports the missing one.
    expect(isLess(read, whole)).toBe(true)
    expect(faultCount).toBeGreaterThan(0)
    return 'less'
  } catch (error) {
    if (!(error instanceof KeydeskError)) throw error
    // If the row of the keyring cannot be found, the operator looks removed.
    expect([error.refusal.kind, error.refusal.reason]).toEqual(
      error.refusal.reason === 'not-an-operator' ? ['refused', 'not-an-operator'] : ['damaged', error.refusal.reason],
    )
    return 'refused'
  } finally {
    await engine?.close()
  }
}

/** Whether every value read after a change is null or was read before it. */
const isLess = (read: string, whole: string) => {
  const before = new Set((JSON.parse(whole) as unknown[]).map((one) => JSON.stringify(one)))
  return (JSON.parse(read) as unknown[]).every((one) => one === null || before.has(JSON.stringify(one)))
}

/** A populated store, the text that is read from it, and a path beside it for a changed copy. */
async function createWhole() {
  const founder = await createFileStore()
  const engine = founder.connect()
  await populate(await openDesk(engine, founder.keys, founder.options), founder)
  const whole = await readEverything(engine, founder)
  await engine.close()
  return { founder, whole, path: join(dirname(founder.path), 'flipped.keydesk') }
}

type Counts = Record<Outcome, number>

/** Judges the copy that `write` makes for each flipped byte: each of the first `header` bytes, then every STEP-th. */
async function judgeFlips(
  length: number,
  header: number,
  write: (at: number) => void,
  judgeOne: () => Promise<Outcome>,
): Promise<Counts> {
  const counts: Counts = { refused: 0, harmless: 0, found: 0, less: 0 }
  for (let at = 0; at < length; at += at < header ? 1 : STEP) {
    write(at)
    counts[await judgeOne().catch((error) => Promise.reject(new Error(`byte ${at}`, { cause: error })))]++
  }
  if (STEP === 1) process.stderr.write(`${JSON.stringify(counts)}\n`)
  return counts
}

test('every flipped byte of the file is refused, found by verifying, or harmless', async () => {
  const { founder, whole, path } = await createWhole()
  const bytes = readFileSync(founder.path)
  const write = (at: number) => writeFileSync(path, flipBit(bytes, at, (at >> 3) % 8), { mode: 0o600 })
  const counts = await judgeFlips(bytes.length, HEADER, write, () => judge(founder, whole, path))
  expect(counts.refused).toBeGreaterThan(30)
  expect(counts.harmless).toBeGreaterThan(0)
}, 1_200_000)

test('every flipped byte of a hot journal is refused, found by verifying, or harmless', async () => {
  const { founder, whole, path } = await createWhole()
  const [bytes, journal] = copyInMidCommit(founder.path)
  const write = (flipped: Uint8Array) => {
    writeFileSync(path, bytes, { mode: 0o600 })
    writeFileSync(`${path}-journal`, flipped, { mode: 0o600 })
  }
  write(journal)
  expect(await judge(founder, whole, path)).toBe('harmless')
  expect(existsSync(`${path}-journal`)).toBe(false)
  const counts = await judgeFlips(
    journal.length,
    28,
    (at) => write(flipBit(journal, at, at % 8)),
    () => judge(founder, whole, path),
  )
  expect(counts.harmless).toBeGreaterThan(0)
  expect(counts.refused + counts.found).toBeGreaterThan(0)
  // Without the journal the file is a mixture of two states.
  writeFileSync(path, bytes, { mode: 0o600 })
  expect(await judge(founder, whole, path)).not.toBe('harmless')
}, 1_200_000)

/** The file and its journal as a kill leaves them in the middle of a commit that has begun to write pages. */
function copyInMidCommit(path: string): [Buffer, Buffer] {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE')
  for (const size of [3_000, 9_000])
    db.exec(`UPDATE record SET listed = randomblob(${size}); UPDATE entry SET body = randomblob(${size})`)
  const copies: [Buffer, Buffer] = [readFileSync(path), readFileSync(`${path}-journal`)]
  db.exec('ROLLBACK')
  db.close()
  expect(copies[1][0]).toBe(0xd9)
  return copies
}
