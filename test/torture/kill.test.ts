/**
 * Kills real processes (`kill -9`) at random moments of the commands in jobs.ts.
 * - If an answer was shown, its entry is in the audit log.
 * - The change and its entry are both in the store, or neither is.
 * - The store always opens and verifies.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import {
  createMachine,
  createRealDesk,
  expectOk,
  findProcesses,
  KEYDESK,
  start,
  waitFor,
} from '../acceptance/programs.ts'
import { untilGone } from '../process-state.ts'
import { count, report, roundsOr, type Tally } from './campaign.ts'
import { type Inspect, openInspection } from './inspection.ts'
import { invitePhones, JOBS, type Job, jobOfRound, type TortureDesk } from './jobs.ts'

const ROUNDS = roundsOr(8)
/** Verifying takes longer with each entry, so a new desk is made after this many rounds. */
const ROUNDS_A_DESK = 120

type World = { readonly desk: TortureDesk; readonly inspect: Inspect; readonly windows: Map<string, number> }

const jobs = JOBS.filter(({ victim }) => victim === undefined || process.platform === 'linux')

async function createWorld(windows: Map<string, number>): Promise<World> {
  const machine = createMachine()
  await createRealDesk(machine)
  const desk = await invitePhones(machine)
  return { desk, inspect: await openInspection(machine), windows }
}

/** Runs the job and kills its victim after `killAfterMs` (null: never). Resolves to exit code, stderr and stdout. */
async function runJob({ desk }: World, job: Job, round: number, killAfterMs: number | null) {
  const { machine } = desk
  const file = join(machine.home, 'answer')
  const stdout = openSync(file, 'w')
  const agent = findAgent(desk)
  const child = start(machine, [KEYDESK, ...job.argv(desk, round)], { stdout })
  const ended = waitFor(child)
  const victim = job.victim === 'agent' ? agent : child.pid
  if (killAfterMs !== null) {
    // A process that has ended by then is not killed: its number may belong to another process.
    await Promise.race([sleep(killAfterMs), ended])
    if (job.victim === 'agent' || child.exitCode === null) killProcess(victim as number)
  }
  const { exit, err } = await ended
  if (killAfterMs !== null && job.victim === 'agent') await untilGone(agent as number)
  closeSync(stdout)
  return { exit, err, shown: readFileSync(file, 'utf8') }
}

const findAgent = ({ machine }: TortureDesk) => findProcesses(machine).find(({ argv }) => argv.includes('__agent'))?.pid

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // The process has already ended.
  }
}

async function unlock({ machine }: TortureDesk): Promise<void> {
  await expectOk(machine, ['unlock', '--for', '24h', '--passphrase-file', join(machine.home, '../secrets/passphrase')])
}

/** Milliseconds that the job takes when the compile cache is warm. */
async function measureWindow(world: World, job: Job, round: number): Promise<number> {
  await runJob(world, job, round, null)
  const started = performance.now()
  const { exit, err } = await runJob(world, job, round + 1, null)
  expect(exit, err).toBe(0)
  return performance.now() - started
}

async function playRound(world: World, job: Job, round: number, tally: Tally): Promise<void> {
  const windowMs = world.windows.get(job.name) as number
  // Half of the kills come late (60–100 % of the window), close to the commit; the others at any moment.
  const share = Math.random() < 0.5 ? 0.6 + Math.random() * 0.4 : Math.random()
  const { exit, err, shown } = await runJob(world, job, round, windowMs * share)
  const seen = await world.inspect()
  const where = `${job.name}, round ${round}, exit ${exit} ${err}`
  expect([...seen.faults, ...job.findFaults(world.desk, round, shown, seen)], where).toEqual([])
  expect(exit, where).not.toBe(1)
  count(tally, exit === null || job.victim === 'agent' ? 'killed' : 'ended before')
  if (shown !== '') count(tally, 'shown')
  if (job.victim === 'agent') await unlock(world.desk)
}

it(`a command killed ${ROUNDS} times shows no answer without its audit entry`, {
  timeout: 180_000 + ROUNDS * 4_000,
}, async () => {
  const windows = new Map<string, number>()
  const tallies = new Map<string, Tally>(jobs.map(({ name }) => [name, { killed: 0 }]))
  const killed = () => [...tallies.values()].reduce((sum, tally) => sum + (tally['killed'] ?? 0), 0)
  let world = await createWorld(windows)
  let round = 0
  for (const job of jobs) {
    windows.set(job.name, await measureWindow(world, job, round))
    round += 2
  }
  for (let turn = 0; killed() < ROUNDS; turn++) {
    const job = jobOfRound(jobs, turn)
    await playRound(world, job, round++, tallies.get(job.name) as Tally)
    if (round % ROUNDS_A_DESK === 0) world = await createWorld(windows)
  }
  for (const [name, tally] of tallies)
    report('kill', { job: name, windowMs: Math.round(windows.get(name) as number), ...tally })
  // Afterwards every command works on the desk as before.
  for (const job of jobs) {
    const { exit, shown, err } = await runJob(world, job, round, null)
    expect([exit, shown === ''], err).toEqual([0, false])
    expect(job.findFaults(world.desk, round, shown, await world.inspect())).toEqual([])
    round++
  }
})
