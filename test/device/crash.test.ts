/**
 * Every command with trouble at every file call.
 * - The trouble is a power cut before the call, a power cut in the middle of a write, or an error of the disk.
 * - Afterwards the device is whole, some slot opens it, and an exchange succeeds.
 * - A command reports only results that are on the disk.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { StoredState } from '../../src/device/state.ts'
import {
  answerOf,
  type Bench,
  copyBench,
  createBench,
  createLocked,
  enrolArguments,
  expectOk,
  NEW_PASSWORD,
  type Outcome,
  PASSWORD,
  pinOf,
  readAllFiles,
  readState,
  run,
  USER,
  withNewPassword,
  withPassword,
  wrongCode,
} from './bench.ts'
import { TROUBLES, type Trace, type Trouble, troubledFiles, unsyncedFiles } from './power.ts'
import { expectLifeGoesOn, expectWhole } from './survival.ts'

type Case = {
  readonly argv: (bench: Bench) => string[]
  readonly prepare?: (bench: Bench) => Promise<unknown>
  /** Exactly the states that the stops leave: the epoch, and the password that opens it (old, new or none). */
  readonly stations: readonly string[]
}

/** log2 of scrypt's N. Small, because these tests check the order of writes and make some thousand slots. */
const CHEAP = 3
const open = (bench: Bench) => expectOk(bench, ['open', ...withPassword(bench)])
const forgot = (bench: Bench) => expectOk(bench, ['forgot'])
const passwd = (bench: Bench) => ['passwd', ...withPassword(bench), ...withNewPassword(bench)]

const CASES: Record<string, Case> = {
  status: { argv: () => ['status'], stations: ['0 old'] },
  'status, clock set back': { prepare: waitOnPastClock, argv: () => ['status'], stations: ['0 old'] },
  open: { argv: (bench) => ['open', ...withPassword(bench)], stations: ['0 old'] },
  'open after forgot': {
    prepare: forgot,
    argv: (bench) => ['open', ...withPassword(bench)],
    stations: ['0 old', '1 old'],
  },
  'open wrongly': { argv: (bench) => ['open', ...withPassword(bench, 'not the password')], stations: ['0 old'] },
  'put while open': { prepare: open, argv: () => ['put', 'a', 'b'], stations: ['0 old'] },
  'put while locked': { argv: (bench) => ['put', 'a', 'b', ...withPassword(bench)], stations: ['0 old'] },
  lock: { prepare: open, argv: () => ['lock'], stations: ['0 old'] },
  passwd: { argv: passwd, stations: ['0 new', '0 old'] },
  'passwd after forgot': { prepare: forgot, argv: passwd, stations: ['0 old', '1 new', '1 old'] },
  forgot: { argv: () => ['forgot'], stations: ['0 old'] },
  // The old code and the old password stay valid until one write ends both.
  confirm: { prepare: open, argv: (bench) => ['confirm', answerOf(bench)], stations: ['0 old', '1 none'] },
  'confirm with a new password': {
    argv: (bench) => ['confirm', answerOf(bench), ...withNewPassword(bench)],
    stations: ['0 old', '1 new', '1 none'],
  },
  'pin with a new password': {
    prepare: open,
    argv: (bench) => ['pin', USER, pinOf(bench), ...withNewPassword(bench)],
    stations: ['0 old', '1 new', '1 none'],
  },
  pin: { argv: (bench) => ['pin', USER, pinOf(bench)], stations: ['0 old', '1 none'] },
  'pin wrongly': { argv: (bench) => ['pin', 'max', pinOf(bench)], stations: ['0 old'] },
  'pin again': {
    prepare: async (bench) => void (await expectOk(bench, ['pin', USER, pinOf(bench), ...withNewPassword(bench)])),
    argv: (bench) => ['pin', USER, pinOf(bench)],
    stations: ['1 new'],
  },
  'confirm wrongly': { argv: () => ['confirm', wrongCode()], stations: ['0 old'] },
}

async function waitOnPastClock(bench: Bench): Promise<void> {
  for (let i = 0; i < 5; i++) await run(bench, ['confirm', wrongCode()])
  bench.nowMs -= 86_400_000
}

/**
 * The number of changing file calls in a run without trouble, and the numbers of those where the trouble applies.
 * A torn write applies only to `writeSync`; at any other call it equals a power cut.
 */
async function findMoments(
  bench: Bench,
  argv: string[],
  trouble: Trouble,
): Promise<{ changes: number; moments: number[] }> {
  const trace: Trace = { calls: [] }
  await run(bench, argv, { files: troubledFiles(Number.POSITIVE_INFINITY, 'power', trace) })
  const moments = trace.calls.flatMap((call, i) => (trouble !== 'torn' || call === 'writeSync' ? [i + 1] : []))
  return { changes: trace.calls.length, moments }
}

/** Checks that apply to some commands only, beside the checks after every stop. */
function expectHonest(bench: Bench, command: string, { exit, out, err }: Outcome, state: StoredState): void {
  const session = existsSync(join(bench.directory, 'session'))
  if (command === 'forgot' && out !== '') expect(state.resetShown).toBe(true)
  if (command === 'lock' && exit === 0) expect(session).toBe(false)
  if (state.passwordSlot === null) expect(session).toBe(false)
  // An accepted PIN is marked as used, at whichever call the power failed. A wrong PIN is counted once it was checked.
  if (command === 'pin' && state.passwordSlot === null) expect(state.pin.lastUsedMinute).not.toBeNull()
  if (command === 'pin' && exit === 4 && err.includes('wrong')) expect(state.pin.wrong).toBe(1)
}

describe.each(Object.entries(CASES))('%s', (_, { argv, prepare, stations }) => {
  it.each(TROUBLES)('survives: %s', async (trouble) => {
    const template = await createLocked({ logN: CHEAP, pinAllowed: true })
    await prepare?.(template)
    const { changes, moments } = await findMoments(copyBench(template), argv(template), trouble)
    const seen = new Set<string>()
    for (const at of [...moments, changes + 1]) {
      const bench = copyBench(template)
      const command = argv(bench)
      const outcome = await run(bench, command, { files: troubledFiles(at, trouble) })
      if (at <= changes) expect(outcome.exit, `at ${at} of ${changes}`).not.toBe(0)
      const { state, password } = expectWhole(bench, `${trouble} at ${at} of ${changes}`)
      seen.add(`${state.epoch} ${{ [PASSWORD]: 'old', [NEW_PASSWORD]: 'new' }[password ?? ''] ?? 'none'}`)
      expectHonest(bench, command[0] as string, outcome, state)
      await expectLifeGoesOn(bench, { files: unsyncedFiles })
    }
    expect([...seen].sort()).toEqual(stations)
  })
})

describe('enroll', () => {
  it.each(TROUBLES)('survives: %s', async (trouble) => {
    const untroubled = createBench({ logN: CHEAP, pinAllowed: true })
    const { changes, moments } = await findMoments(untroubled, enrolArguments(untroubled), trouble)
    for (const at of [...moments, changes + 1]) {
      const bench = createBench({ logN: CHEAP, pinAllowed: true })
      await run(bench, enrolArguments(bench), { files: troubledFiles(at, trouble) })
      if (!existsSync(join(bench.directory, 'device.json'))) await expectOk(bench, enrolArguments(bench))
      await expectOk(bench, ['put', 'mail.server', 'imap.example.ch', ...withPassword(bench)])
      expect(expectWhole(bench, `${trouble} at ${at}`).password).toBe(PASSWORD)
      await expectLifeGoesOn(bench, { files: unsyncedFiles })
    }
  })
})

describe('a durable write', () => {
  it('is a new file, all its bytes, fsync, rename, fsync of the directory, in this order', async () => {
    const bench = await createLocked()
    await open(bench)
    const trace: Trace = { calls: [] }
    await run(bench, ['put', 'a', 'b'], { files: troubledFiles(Number.POSITIVE_INFINITY, 'power', trace) })
    const file = join(bench.directory, 'settings.sealed')
    expect(trace.calls).toEqual([
      `rmSync ${file}.new`,
      `openSync ${file}.new`,
      'writeSync',
      'fsyncSync',
      'closeSync',
      `renameSync ${file}.new`,
      `openSync ${bench.directory}`,
      'fsyncSync',
      'closeSync',
    ])
  })

  it('reports an error of the disk, and leaves the old file', async () => {
    const bench = await createLocked()
    await open(bench)
    const before = readAllFiles(bench)
    const { exit, err } = await run(bench, ['put', 'a', 'b'], { files: troubledFiles(3, 'fault') })
    expect([exit, err]).toEqual([
      1,
      expect.stringContaining(`cannot write ${join(bench.directory, 'settings.sealed')}: EIO`),
    ])
    expect(readAllFiles(bench).get('settings.sealed')).toEqual(before.get('settings.sealed'))
    expect(readState(bench).epoch).toBe(0)
  })
})
