/**
 * Makes each file call of one `reset confirm` fail with EIO or ENOSPC, once or from then on.
 * - The store has its old or its new state.
 * - No code is shown without its audit entry.
 * - An error says what to do, with exit code 6, 8 or 9, never 1.
 */
import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createMachine, expectOk, type Machine, run } from '../acceptance/programs.ts'
import { PASSPHRASE, storeOf } from '../commands/bench.ts'
import { count, isLong, report, sayNotRun, type Tally } from './campaign.ts'
import { ERRORS, FailingDisk, type Fault, startAgent, whyNoFailingDisk } from './failing-disk.ts'
import { type Inspect, openInspection } from './inspection.ts'
import { invitePhones, JOBS, type Job, type TortureDesk } from './jobs.ts'

const STEP = isLong ? 1 : 9
const why = whyNoFailingDisk()
const title = 'faults of the disk in a confirm’s commit'
const confirm = JOBS.find(({ name }) => name === 'reset confirm') as Job

type World = { disk: FailingDisk; machine: Machine; desk: TortureDesk; inspect: Inspect }

async function createWorld(): Promise<World> {
  const disk = new FailingDisk()
  const plain = createMachine()
  const machine = disk.under(plain, dirname(storeOf({ home: plain.home, agents: [], nowMs: 0 })))
  const file = machine.keep('passphrase', PASSPHRASE)
  await expectOk(machine, ['init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', file])
  await startAgent(machine)
  await expectOk(machine, ['unlock', '--for', '24h', '--passphrase-file', file])
  return { disk, machine, desk: await invitePhones(plain), inspect: await openInspection(plain) }
}

/** The faults for a confirm that makes `calls` file calls: at every STEP-th call, up to one call beyond the last. */
function* faultsOf(calls: number): Iterable<Fault> {
  for (const lasting of [false, true]) {
    for (const error of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
      if (!isLong && (lasting || error === 'ENOSPC')) continue
      for (let at = 1; at <= calls + 1; at += STEP) yield { error, at, lasting }
    }
  }
}

async function confirmWith({ disk, machine, desk, inspect }: World, epoch: number, fault: Fault, tally: Tally) {
  disk.arm(fault)
  const { exit, out, err } = await run(machine, confirm.argv(desk, epoch))
  const { failed } = disk.look()
  disk.disarm()
  const seen = await inspect()
  const where = `${fault.error} at call ${fault.at}${fault.lasting ? ' and on' : ''} (${failed}): exit ${exit} ${err}`
  expect([...seen.faults, ...confirm.findFaults(desk, epoch, out, seen)], where).toEqual([])
  expect(failed === '' ? [0] : [0, 6, 8, 9], where).toContain(exit)
  if (exit !== 0) expect([out, err], where).toEqual(['', expect.stringMatching(/^keydesk: .+\nhint: .+\n$/)])
  const isNew = seen.entries.some(({ details }) => details['epoch'] === epoch)
  if (failed !== '') count(tally, `${fault.error} ${failed}: exit ${exit}, ${isNew ? 'new' : 'old'} state`)
}

describe(title, () => {
  if (why !== null) return void it.skip(sayNotRun(title, why), () => undefined)

  it('leave the old or the new state, and say which command helps', { timeout: 1_800_000 }, async () => {
    const world = await createWorld()
    const { disk, machine, desk } = world
    let epoch = 0
    disk.disarm()
    await expectOk(machine, confirm.argv(desk, epoch))
    const { calls } = disk.look()
    expect(calls).toBeGreaterThan(15)
    const tally: Tally = {}
    let runs = 0
    for (const fault of faultsOf(calls)) {
      await confirmWith(world, ++epoch, fault, tally)
      runs++
    }
    report('faults', { calls, runs, ...tally })
    await expectOk(machine, confirm.argv(desk, epoch + 1))
  })
})
