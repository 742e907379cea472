/**
 * Guards `store restore` and `store backup` against `kill -9` of real processes at random moments:
 * - The store is the old one or the backup, whole. A backup is complete or not there.
 * - If the kill came between the new file and the anchor, the desk says so, and an admin accepts the store.
 * `npm run torture -- restore` kills 40 times.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { storeOf } from '../commands/bench.ts'
import { count, report, roundsOr, type Tally } from '../torture/campaign.ts'
import { createMachine, createRealDesk, expectOk, KEYDESK, type Machine, run, start, waitFor } from './programs.ts'

const ROUNDS = roundsOr(4)
/** So many kills hit at least one command, on a busy machine too. */
const ENOUGH = 20

/**
 * Returns a function that runs the command and kills it at a random moment. It resolves to the exit code, or to null if
 * the command was killed. A command that ended before its kill took less time than expected, so the next kill is sooner.
 */
function createKiller(machine: Machine, tally: Tally): (argv: readonly string[]) => Promise<number | null> {
  let tookMs = 1_000
  return async (argv) => {
    const started = performance.now()
    const child = start(machine, [KEYDESK, ...argv])
    const ended = waitFor(child)
    void sleep(tookMs * (0.5 + Math.random() * 0.7)).then(() => child.kill('SIGKILL'))
    const { exit } = await ended
    if (exit !== null) tookMs = performance.now() - started
    count(tally, exit === null ? 'killed' : 'ended')
    return exit
  }
}

function requireKills(campaign: string, tally: Tally): void {
  report(campaign, { rounds: ROUNDS, ...tally })
  if (ROUNDS >= ENOUGH) expect(tally['killed']).toBeGreaterThan(0)
}

const invite = (machine: Machine, user: string) =>
  expectOk(machine, ['device', 'invite', '--user', user, '--name', user])

it(`restores the backup or nothing, killed ${ROUNDS} times`, { timeout: 180_000 + ROUNDS * 10_000 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const file = machine.keep('passphrase', 'correct horse battery staple')
  const keys = ['--passphrase-file', file]
  await invite(machine, 'old')
  const backup = join(machine.home, 'backup')
  await expectOk(machine, ['store', 'backup', backup])
  const restore = ['store', 'restore', backup, '--yes', ...keys]
  const tally: Tally = {}
  const runKilled = createKiller(machine, tally)
  for (let round = 0; round < ROUNDS; round++) {
    await expectOk(machine, ['unlock', ...keys])
    await invite(machine, `round${round}`)
    const exit = await runKilled(restore)
    let listed = await run(machine, ['device', 'list', ...keys])
    if (listed.exit === 8) {
      expect(listed.err).toMatch(/older than when it was last used|entry \d+ is another one/)
      await expectOk(machine, ['store', 'accept', '--yes', ...keys])
      count(tally, 'accepted')
      listed = await run(machine, ['device', 'list', ...keys])
    }
    expect([listed.exit, listed.err]).toEqual([0, ''])
    expect(listed.out).toContain('old')
    if (listed.out.includes(`round${round}`)) count(tally, 'kept')
    expect(exit === 0 && listed.out.includes(`round${round}`)).toBe(false)
    expect(existsSync(`${storeOf({ home: machine.home, agents: [], nowMs: 0 })}-journal`)).toBe(false)
  }
  requireKills('restore', tally)
})

it(`makes a whole backup or none, killed ${ROUNDS} times`, { timeout: 180_000 + ROUNDS * 10_000 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const place = (name: string | number) => join(machine.home, `backup-${name}`)
  await expectOk(machine, ['store', 'backup', place('first')])
  const tally: Tally = {}
  const runKilled = createKiller(machine, tally)
  for (let round = 0; round < ROUNDS; round++) {
    const exit = await runKilled(['store', 'backup', place(round)])
    if (exit === 0) expect(existsSync(place(round))).toBe(true)
    if (!existsSync(place(round))) continue
    // It asks only for --yes: the file is a whole backup of this store.
    const { err } = await run(machine, ['store', 'restore', place(round), '--no-input'])
    expect(err).toMatch(/(would be given up|has all entries)[\s\S]*add --yes/)
  }
  await expectOk(machine, ['store', 'backup', place('second')])
  const names = readdirSync(dirname(place(0))).filter((name) => name.startsWith('backup-'))
  expect(names.filter((name) => !name.includes('.new')).length).toBeGreaterThanOrEqual(2)
  requireKills('restore: backup', tally)
})

it('changes nothing on a full disk, leaves no file, and says what to do', async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const backup = join(machine.home, 'backup')
  await expectOk(machine, ['store', 'backup', backup])
  await invite(machine, 'zoe')
  const store = dirname(storeOf({ home: machine.home, agents: [], nowMs: 0 }))
  // 8 KiB a file: the journal of a commit fits, and the store does not.
  const full = { shell: 'ulimit -f 16' }
  const restored = await run(machine, ['store', 'restore', backup, '--yes'], full)
  expect([restored.exit, restored.err]).toEqual([
    6,
    expect.stringMatching(/could not be written; nothing was changed\nhint: free some space/),
  ])
  expect(readdirSync(store)).toEqual(['desk.keydesk'])
  const copied = await run(machine, ['store', 'backup', join(machine.home, 'another')], full)
  expect([copied.exit, copied.err]).toEqual([6, expect.stringMatching(/could not be written/)])
  expect(readdirSync(machine.home).filter((name) => name.startsWith('another'))).toEqual([])
  expect(await expectOk(machine, ['device', 'list'])).toContain('zoe')
})
