/**
 * Kills real processes with `kill -9` at random moments.
 * After each kill some slot opens the device, and an exchange succeeds.
 * `npm run torture -- device` runs 200 rounds.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { report, roundsOr } from '../torture/campaign.ts'
import {
  answerOf,
  type Bench,
  copyBench,
  createLocked,
  expectOk,
  pinOf,
  readState,
  USER,
  withNewPassword,
  withPassword,
} from './bench.ts'
import { startDevice } from './process.ts'
import { expectLifeGoesOn, expectWhole } from './survival.ts'

const ROUNDS = roundsOr(8)
const COMMANDS: ((bench: Bench) => string[])[] = [
  (bench) => ['confirm', answerOf(bench), ...withNewPassword(bench)],
  (bench) => ['confirm', answerOf(bench)],
  (bench) => ['open', ...withPassword(bench)],
  (bench) => ['passwd', ...withPassword(bench), ...withNewPassword(bench)],
  (bench) => ['put', 'a', 'b', ...withPassword(bench)],
  (bench) => ['pin', USER, pinOf(bench, Date.now()), ...withNewPassword(bench)],
  (bench) => ['pin', USER, pinOf(bench, Date.now())],
]

/** Measures the longest of the commands from its beginning to its end. Returns milliseconds. */
async function measureCommand(bench: Bench): Promise<number> {
  const device = startDevice(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
  await device.begun
  const begunMs = performance.now()
  await device.ended
  return Math.round(performance.now() - begunMs)
}

it(`a device still opens after each of ${ROUNDS} kills`, { timeout: 180_000 + ROUNDS * 5000 }, async () => {
  const template = await createLocked({ pinAllowed: true })
  await expectOk(template, ['forgot'])
  const windowMs = await measureCommand(copyBench(template))
  const tally = { windowMs, killed: 0, ended: 0, rotated: 0, noPassword: 0 }
  for (let round = 0; round < ROUNDS || tally.killed === 0; round++) {
    const bench = copyBench(template)
    const command = COMMANDS[round % COMMANDS.length] as (bench: Bench) => string[]
    const device = startDevice(bench, command(bench))
    await device.begun
    await sleep(Math.random() * windowMs)
    device.kill()
    const { code, err } = await device.ended
    const { state, password } = expectWhole(bench, `round ${round}, exit ${code} ${err}`)
    tally[code === null ? 'killed' : 'ended']++
    if (state.epoch > 0) tally.rotated++
    if (password === null) tally.noPassword++
    bench.nowMs = Date.now()
    await expectLifeGoesOn(bench)
    expect(readState(bench).epoch).toBeGreaterThan(state.epoch)
  }
  expect(tally.killed).toBeGreaterThan(0)
  report('device', { rounds: ROUNDS, ...tally })
})
