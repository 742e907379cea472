/**
 * Flips one bit in every byte of a small desk's files, one byte at a time, and cuts the files off at every length.
 * - Files: the store, a journal that a kill left, the workstation's config and its key, and the operator's slot.
 * - A command ends with exit 8, or with exit 5 where a wrong passphrase looks the same. Otherwise no answer changes.
 * - No command ends with exit 1 or gives another answer.
 * - The short form takes every 487th byte.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeBase64Url, encodeBase64Url } from '../../src/crypto/bytes.ts'
import { openWorkstation } from '../../src/workstation/config.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  type Phone,
  storeOf,
} from '../commands/bench.ts'
import type { Founder } from '../store/fixtures.ts'
import { count, isLong, report, type Tally } from './campaign.ts'
import { type Answer, isDamaged, judge, openFounder, readAll, readingOf } from './reading.ts'
import { regionOf, regionOfJournal } from './sqlite-regions.ts'

const STEP = isLong ? 1 : 487
const INPUT = `${PASSPHRASE}\n`
const TIMEOUT = isLong ? 3_600_000 : 120_000

type Small = {
  readonly bench: Bench
  readonly founder: Founder
  readonly phones: readonly Phone[]
  readonly lines: readonly (readonly string[])[]
  readonly whole: readonly Answer[]
  /** The stdin of each command. */
  readonly input: string
}

/** A desk with two phones, one of them confirmed, and the answers of its commands. */
async function createSmall(): Promise<Small> {
  const bench = await createDesk()
  const phones = [await invitePhone(bench), await invitePhone(bench, 'max@example.ch')]
  await expectOk(bench, ['reset', 'confirm', (phones[0] as Phone).resetCode(0), '--verified-by', 'callback'])
  const lines = readingOf(phones)
  const founder = await openFounder(bench)
  return { bench, founder, phones, lines, input: '', whole: await readAll(bench, lines) }
}

/** Every position of the header, then every STEP-th, and always the last. */
function* positions(length: number, header: number): Iterable<number> {
  let last = 0
  for (let at = 0; at < length; at += at < header ? 1 : STEP) {
    last = at
    yield at
  }
  if (last !== length - 1) yield length - 1
}

const flip = (bytes: Buffer, at: number): Buffer => {
  const flipped = Buffer.from(bytes)
  flipped[at] = (flipped[at] as number) ^ (1 << (at % 8))
  return flipped
}

/** `tally`: how often each outcome occurred. `odd`: outcomes that must not occur, with their positions. */
type Found = { readonly tally: Tally; readonly odd: string[] }

async function judgeEach(
  places: Iterable<number>,
  write: (at: number) => void,
  { bench, founder, lines, input, whole }: Small,
  nameOf: (at: number) => string = () => '',
): Promise<Found> {
  const found: Found = { tally: {}, odd: [] }
  for (const at of places) {
    write(at)
    const read = judge(await readAll(bench, lines, input), whole)
    const outcome = read === 'harmless' && (await isDamaged(bench, founder)) ? 'verified' : read
    count(found.tally, outcome)
    if (outcome === 'harmless') count(found.tally, `harmless: ${nameOf(at)}`)
    if (outcome.includes('exit')) found.odd.push(`${at} ${nameOf(at)}: ${outcome}`)
  }
  return found
}

/** Tests all flips and then all truncations of one file. `write` replaces the file by changed bytes. */
async function expectNoOtherAnswer(
  name: string,
  bytes: Buffer,
  write: (changed: Buffer) => void,
  world: Small,
  { header = 0, nameOf = (_: number): string => 'bytes' } = {},
): Promise<Tally> {
  const flipped = await judgeEach(positions(bytes.length, header), (at) => write(flip(bytes, at)), world, nameOf)
  const cut = await judgeEach(
    positions(bytes.length, 0),
    (at) => write(bytes.subarray(0, at)),
    world,
    () => 'cut',
  )
  report('flip', { file: name, bytes: bytes.length, flipped: flipped.tally, truncated: cut.tally })
  expect([...flipped.odd, ...cut.odd]).toEqual([])
  write(bytes)
  expect(judge(await readAll(world.bench, world.lines, world.input), world.whole)).toBe('harmless')
  return flipped.tally
}

describe('a flipped byte or a truncation', () => {
  it('of the store is refused, or changes no answer', { timeout: TIMEOUT }, async () => {
    const small = await createSmall()
    const path = storeOf(small.bench)
    const bytes = readFileSync(path)
    const write = (changed: Buffer) => writeFileSync(path, changed, { mode: 0o600 })
    const nameOf = (at: number) => regionOf(bytes, at)
    const tally = await expectNoOtherAnswer('store', bytes, write, small, { header: 100, nameOf })
    expect(tally['refused']).toBeGreaterThan(30)
  })

  it('of a journal that a kill left is refused, or changes no answer', { timeout: TIMEOUT }, async () => {
    const small = await createSmall()
    const path = storeOf(small.bench)
    const journal = `${path}-journal`
    killInMidCommit(path)
    const [bytes, left] = [readFileSync(path), readFileSync(journal)]
    const write = (changed: Buffer) => {
      writeFileSync(path, bytes, { mode: 0o600 })
      writeFileSync(journal, changed, { mode: 0o600 })
    }
    const tally = await expectNoOtherAnswer('journal', left, write, small, {
      header: 28,
      nameOf: (at) => regionOfJournal(left, at),
    })
    expect(existsSync(journal)).toBe(false)
    expect(tally['harmless']).toBeGreaterThan(0)
  })

  it('of the workstation’s config or of its key is refused', { timeout: TIMEOUT }, async () => {
    const small = await lockSmall(await createSmall())
    for (const name of ['workstation.keydesk', 'workstation.key']) {
      const path = join(openContext(small.bench).places.config, name)
      const bytes = readFileSync(path)
      const write = (changed: Buffer) => writeFileSync(path, changed, { mode: 0o600 })
      const tally = await expectNoOtherAnswer(name, bytes, write, small, { header: bytes.length })
      expect(tally).toEqual({ refused: bytes.length })
    }
  })

  it('of the operator’s slot is refused, or no passphrase opens the slot', { timeout: TIMEOUT }, async () => {
    const small = await lockSmall(await createSmall())
    const { places, random } = openContext(small.bench)
    const workstation = await openWorkstation(places, random)
    const slot = workstation.read().logins[0]?.slot as string
    const bytes = Buffer.from(decodeBase64Url(slot) as Uint8Array)
    const tally: Tally = {}
    for (let at = 0; at < bytes.length; at++) {
      const changed = encodeBase64Url(flip(bytes, at))
      await workstation.update((config) => ({
        ...config,
        logins: config.logins.map((login) => ({ ...login, slot: changed })),
      }))
      count(tally, judge(await readAll(small.bench, small.lines, small.input), small.whole))
    }
    report('flip', { file: 'slot', bytes: bytes.length, flipped: tally })
    // A flip in version, kind, work factor or box: damaged. In salt or commitment (48 bytes): no passphrase opens it.
    expect(tally).toEqual({ refused: bytes.length - 48, locked: 48 })
  })
})

/** The same desk, locked. Its commands now take the passphrase, so that they read the config. */
async function lockSmall(small: Small): Promise<Small> {
  await expectOk(small.bench, ['lock'])
  const lines = [
    ['status', '--json'],
    ['device', 'list', '--json', '--passphrase-file', '-'],
  ]
  return { ...small, lines, input: INPUT, whole: await readAll(small.bench, lines, INPUT) }
}

/** Kills a process that has begun to write the pages of a commit. The journal that it leaves is hot. */
function killInMidCommit(path: string): void {
  const script = `
    const db = new (require('node:sqlite').DatabaseSync)(${JSON.stringify(path)})
    db.exec('PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE')
    for (const size of [3000, 9000])
      db.exec('UPDATE record SET listed = randomblob(' + size + '); UPDATE entry SET body = randomblob(' + size + ')')
    process.kill(process.pid, 'SIGKILL')`
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL')
  expect(readFileSync(`${path}-journal`)[0]).toBe(0xd9)
}
