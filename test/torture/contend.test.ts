/**
 * Several processes change one store at once. Some are stopped while they hold the store for writing.
 * - No change is lost, and none is in the store twice.
 * - A command that cannot get the store ends with `busy`, changes nothing, and succeeds when it is repeated.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createMachine, createRealDesk, inviteRealPhone, type Machine, waitFor } from '../acceptance/programs.ts'
import { untilStopped } from '../process-state.ts'
import { isLong, report, roundsOr } from './campaign.ts'
import { openInspection } from './inspection.ts'

const CONTENDER = fileURLToPath(new URL('contender.ts', import.meta.url))
const PROCESSES = isLong ? 8 : 4
const COMMITS = roundsOr(10)
/** A command waits five seconds for the store. The long form stops a process for longer. */
const STOP_MS = isLong ? 7_000 : 700
const STOPS = isLong ? 6 : 1

/** Starts process number `i`. The first STOPS processes stop themselves in the middle of their middle commit. */
function startContender(machine: Machine, i: number, deviceId: string) {
  const stop = i < STOPS ? Math.ceil(COMMITS / 2) : 0
  const args = [CONTENDER, `p${i}`, String(COMMITS), deviceId, String(stop)]
  const child = spawn(process.execPath, args, { env: machine.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = waitFor(child)
  return { name: `p${i}`, ended, goesOn: stop === 0 ? null : letGoOn(child) }
}

/**
 * Lets the process continue after it has stopped itself and the others have waited.
 * Rejects if the process ends without stopping itself.
 */
async function letGoOn(child: ChildProcess): Promise<void> {
  await untilStopped(child.pid as number)
  await sleep(STOP_MS)
  child.kill('SIGCONT')
}

const name = `keeps the chain whole: ${PROCESSES} processes of ${COMMITS} commits, some stopped`
it.skipIf(process.platform === 'win32')(name, { timeout: 180_000 + PROCESSES * COMMITS * 400 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const { deviceId } = await inviteRealPhone(machine)
  const inspect = await openInspection(machine)
  const before = (await inspect()).entries.length
  const started = performance.now()
  const contenders = Array.from({ length: PROCESSES }, (_, i) => startContender(machine, i, deviceId))
  const stopped = contenders.flatMap(({ goesOn }) => goesOn ?? [])
  const [ends] = await Promise.all([Promise.all(contenders.map(({ ended }) => ended)), ...stopped])
  for (const { exit, err } of ends) expect([exit, err]).toEqual([0, ''])
  const { faults, entries } = await inspect()
  expect(faults).toEqual([])
  // Each change is there exactly once: an attempt that was busy left no entry.
  const reasons = entries.slice(before).map(({ details }) => details['reason'])
  const wanted = contenders.flatMap((one) => Array.from({ length: COMMITS }, (_, i) => `${one.name}/${i}`))
  expect(reasons.toSorted()).toEqual(wanted.toSorted())
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, i) => i + 1))
  const busy = ends.reduce((sum, { out }) => sum + Number(/busy (\d+)/.exec(out)?.[1]), 0)
  report('contend', {
    processes: PROCESSES,
    commits: wanted.length,
    stopped: stopped.length,
    busy,
    lost: 0,
    doubled: 0,
    seconds: Math.round((performance.now() - started) / 1_000),
  })
  expect(stopped).toHaveLength(STOPS)
  if (isLong && process.platform === 'linux') expect(busy).toBeGreaterThan(0)
})
