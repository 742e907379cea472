/**
 * Fills the disk to a random point, and runs confirm, invite, unlock and init.
 * - Each leaves the old or the new state, and shows no answer without its audit entry.
 * - A command that fails ends with exit code 6 and says what to do.
 * - The test name says the kind of disk. A kind that cannot be made on this machine is reported as not run.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRealDesk, expectOk, inviteRealPhone, run } from '../acceptance/programs.ts'
import { PASSPHRASE } from '../commands/bench.ts'
import { count, report, roundsOr, sayNotRun, type Tally } from './campaign.ts'
import { type Inspect, openInspection } from './inspection.ts'
import { JOBS, type Job, type TortureDesk } from './jobs.ts'
import { limitFiles, mountSmallDisk, type SmallDisk } from './small-disk.ts'

const ROUNDS = roundsOr(4)
/** The error of a full disk, as text and as JSON. */
const FULL = /could not be written( whole)?; nothing was changed(\nhint: |.*hint":")free some space, /

const named = (name: string): Job => JOBS.find((job) => job.name === name) as Job
type World = { readonly disk: SmallDisk; readonly desk: TortureDesk; readonly inspect: Inspect; readonly file: string }
/** `pages`: the most free pages that are left. `play`: runs the command; returns its end and the faults after it. */
type Play = readonly [
  name: string,
  pages: number,
  play: (world: World, round: number, shell: string | undefined) => Promise<Ended>,
]
type Ended = { readonly exit: number | null; readonly err: string; readonly faults: string[] }

/** `shell`: shell commands that run before the program, in the same shell. */
async function playJob(
  job: Job,
  { disk, desk, inspect, file }: World,
  round: number,
  shell: string | undefined,
): Promise<Ended> {
  const argv = [...job.argv(desk, round), ...disk.options(file)]
  const { exit, out, err } = await run(desk.machine, argv, shell === undefined ? {} : { shell })
  disk.free()
  const seen = await inspect()
  return { exit, err, faults: [...seen.faults, ...job.findFaults(desk, round, out, seen)] }
}

async function playUnlock({ disk, desk, inspect, file }: World, _: number, shell: string | undefined): Promise<Ended> {
  const argv = ['unlock', '--json', '--for', '24h', '--passphrase-file', file]
  const { exit, out, err } = await run(desk.machine, argv, shell === undefined ? {} : { shell })
  disk.free()
  const { faults, entries } = await inspect()
  const seq = out === '' ? null : JSON.parse(out).auditSeq
  const entry = entries.find((each) => each.seq === seq)
  const isMissing = seq !== null && entry?.action !== 'operator.unlock'
  return { exit, err, faults: [...faults, ...(isMissing ? ['it was unlocked, and its entry is missing'] : [])] }
}

/** Makes a second store. Either it exists and its login opens it, or it does not exist. The first store still opens. */
async function playInit({ disk, desk, file }: World, round: number, shell: string | undefined): Promise<Ended> {
  const { machine } = desk
  const config = join(machine.home, '.config/keydesk/workstation.keydesk')
  const before = readFileSync(config)
  const store = join(machine.home, `second${round}.keydesk`)
  const argv = ['init', '--org', 'Second', '--operator', 'bob', '--store', store, '--passphrase-file', file]
  const { exit, err } = await run(machine, argv, shell === undefined ? {} : { shell })
  disk.free()
  const left = readdirSync(dirname(store)).filter((name) => name.startsWith(`second${round}`))
  const isThere = exit === 0 && existsSync(store)
  const opens = isThere ? ['device', 'list', '--store', store, '--passphrase-file', file] : ['status']
  await expectOk(machine, opens)
  await expectOk(machine, ['device', 'list', '--passphrase-file', file])
  // Remove the second store again, so that the next round has as much space.
  writeFileSync(config, before)
  for (const name of left) rmSync(join(dirname(store), name))
  return { exit, err, faults: left.length === (isThere ? 1 : 0) ? [] : [`left behind: ${left}`] }
}

const PLAYS: readonly Play[] = [
  ['reset confirm', 9, (...args) => playJob(named('reset confirm'), ...args)],
  ['device invite', 12, (...args) => playJob(named('device invite'), ...args)],
  ['unlock', 8, playUnlock],
  ['init', 22, playInit],
]

async function createWorld(disk: SmallDisk): Promise<World> {
  const { machine } = disk
  await createRealDesk(machine)
  const phones = { confirmed: await inviteRealPhone(machine), batched: await inviteRealPhone(machine) }
  const desk = { machine, ...phones, blocked: await inviteRealPhone(machine) }
  return { disk, desk, inspect: await openInspection(machine), file: machine.keep('passphrase', PASSPHRASE) }
}

async function playRounds(disk: SmallDisk, rounds: number): Promise<void> {
  const world = await createWorld(disk)
  const tally: Tally = {}
  for (let round = 0; round < rounds; round++) {
    const [name, most, play] = PLAYS[round % PLAYS.length] as Play
    const pages = Math.floor(Math.random() * (most + 1))
    const { exit, err, faults } = await play(world, round, disk.leave(pages))
    const where = `${name} with ${pages} pages left, round ${round}: exit ${exit} ${err}`
    expect(faults, where).toEqual([])
    expect([0, 6], where).toContain(exit)
    if (exit !== 0) expect(err, where).toMatch(FULL)
    count(tally, `${name}: exit ${exit}`)
  }
  report('full', { disk: disk.kind, rounds, ...tally })
  // With free space every command works again.
  for (const [i, [name, , play]] of PLAYS.entries())
    expect(await play(world, rounds + i, undefined), name).toMatchObject({ exit: 0, faults: [] })
}

describe('a full disk', () => {
  const disk = mountSmallDisk()
  const timeout = 60_000 + ROUNDS * 5_000
  if (disk === null) it.skip(sayNotRun('a tmpfs of 1 MB', 'it cannot be mounted here'), () => undefined)
  else it(`leaves the old or the new state: ${disk.kind}, ${ROUNDS} times`, { timeout }, () => playRounds(disk, ROUNDS))

  it.skipIf(process.platform === 'win32')(
    'leaves the old or the new state: a limit on the size of files',
    { timeout },
    () => playRounds(limitFiles(), disk === null ? ROUNDS : Math.max(Math.ceil(ROUNDS / 4), 2)),
  )
})
