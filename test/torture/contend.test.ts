/**
 * Several processes change one store at once. Some are stopped while they hold the store for writing.
 * - No change is lost, and none is in the store twice.
 * - A command that cannot get the store ends with `busy`, changes nothing, and succeeds when it is repeated.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createMachine, createRealDesk, inviteRealPhone, type Machine, waitFor } from '../acceptance/programs.ts'
import { storeOf } from '../commands/bench.ts'
import { isLong, report, roundsOr } from './campaign.ts'
import { openInspection } from './inspection.ts'

const CONTENDER = fileURLToPath(new URL('contender.ts', import.meta.url))
const PROCESSES = isLong ? 8 : 4
const COMMITS = roundsOr(10)
/** A command waits five seconds for the store. The long form stops a process for longer. */
const STOP_MS = isLong ? 7_000 : 700
const STOPS = isLong ? 6 : 1

type Contender = { readonly name: string; readonly child: ChildProcess; isOver: boolean }

function startContender(machine: Machine, name: string, deviceId: string) {
  const args = [CONTENDER, name, String(COMMITS), deviceId]
  const child = spawn(process.execPath, args, { env: machine.env, stdio: ['ignore', 'pipe', 'pipe'] })
  const contender: Contender = { name, child, isOver: false }
  const ended = waitFor(child).then((end) => {
    contender.isOver = true
    return end
  })
  return { contender, ended }
}

/** Whether the process holds the store's write lock: read from /proc/locks (Linux). */
function holdsStore({ child }: Contender, inode: number): boolean {
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .some((line) => / POSIX +ADVISORY +WRITE (\d+) \S+:(\d+) /.exec(line)?.slice(1).join() === `${child.pid},${inode}`)
}

/** Stops a process that is in the middle of a commit. Null if it finds none within a second. */
async function stopWriter(contenders: readonly Contender[], inode: number): Promise<Contender | null> {
  const until = performance.now() + 1_000
  for (let turn = 0; performance.now() < until; turn++) {
    const one = contenders[turn % contenders.length] as Contender
    if (process.platform === 'linux' && !holdsStore(one, inode)) await sleep(0)
    else {
      one.child.kill('SIGSTOP')
      await sleep(2)
      if (process.platform !== 'linux' || holdsStore(one, inode)) return one
      one.child.kill('SIGCONT')
    }
  }
  return null
}

async function stopSome(contenders: readonly Contender[], inode: number): Promise<number> {
  let stopped = 0
  while (stopped < STOPS) {
    await sleep(isLong ? 1_000 : 50)
    const alive = contenders.filter(({ isOver }) => !isOver)
    if (alive.length === 0) return stopped
    const one = await stopWriter(alive, inode)
    if (one === null) continue
    await sleep(STOP_MS)
    one.child.kill('SIGCONT')
    stopped++
  }
  return stopped
}

const name = `keeps the chain whole: ${PROCESSES} processes of ${COMMITS} commits, some stopped`
it.skipIf(process.platform === 'win32')(name, { timeout: 60_000 + PROCESSES * COMMITS * 400 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const { deviceId } = await inviteRealPhone(machine)
  const inspect = await openInspection(machine)
  const before = (await inspect()).entries.length
  const started = performance.now()
  const running = Array.from({ length: PROCESSES }, (_, i) => startContender(machine, `p${i}`, deviceId))
  const contenders = running.map(({ contender }) => contender)
  const [stopped, ...ends] = await Promise.all([
    stopSome(contenders, statSync(storeOf({ home: machine.home, agents: [], nowMs: 0 })).ino),
    ...running.map(({ ended }) => ended),
  ])
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
    stopped,
    busy,
    lost: 0,
    doubled: 0,
    seconds: Math.round((performance.now() - started) / 1_000),
  })
  expect(stopped).toBeGreaterThan(0)
  if (isLong && process.platform === 'linux') expect(busy).toBeGreaterThan(0)
})
