/**
 * Guards `store restore` and `store backup` against `kill -9` of real processes at random moments:
 * - The store is the old one or the backup, whole. A backup is complete or not there.
 * - If the kill came between the new file and the anchor, the desk says so, and an admin accepts the store.
 * KEYDESK_TORTURE=200 kills 200 times.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { storeOf } from '../commands/bench.ts'
import { createMachine, createRealDesk, expectOk, KEYDESK, type Machine, run, start, waitFor } from './programs.ts'

const ROUNDS = Number(process.env['KEYDESK_TORTURE'] ?? 4)

/** Runs a command, and kills it after `afterMs`. Resolves to its exit code, or to null if it was killed. */
async function runKilled(machine: Machine, argv: readonly string[], afterMs: number): Promise<number | null> {
  const child = start(machine, [KEYDESK, ...argv])
  const ended = waitFor(child)
  void sleep(afterMs).then(() => child.kill('SIGKILL'))
  return (await ended).exit
}

async function measure(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
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
  const windowMs = await measure(() => expectOk(machine, restore))
  const tally = { killed: 0, ended: 0, accepted: 0, kept: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    await expectOk(machine, ['unlock', ...keys])
    await invite(machine, `round${round}`)
    // Most kills come late: deriving the key of the passphrase takes the first half.
    const exit = await runKilled(machine, restore, windowMs * (0.6 + Math.random() * 0.45))
    tally[exit === null ? 'killed' : 'ended']++
    let listed = await run(machine, ['device', 'list', ...keys])
    if (listed.exit === 8) {
      expect(listed.err).toMatch(/older than when it was last used|entry \d+ is another one/)
      await expectOk(machine, ['store', 'accept', '--yes', ...keys])
      tally.accepted++
      listed = await run(machine, ['device', 'list', ...keys])
    }
    expect([listed.exit, listed.err]).toEqual([0, ''])
    expect(listed.out).toContain('old')
    if (listed.out.includes(`round${round}`)) tally.kept++
    expect(exit === 0 && listed.out.includes(`round${round}`)).toBe(false)
    expect(existsSync(`${storeOf({ home: machine.home, agents: [], nowMs: 0 })}-journal`)).toBe(false)
  }
  if (process.env['KEYDESK_TORTURE'] !== undefined) process.stdout.write(`${JSON.stringify(tally)}\n`)
})

it(`makes a whole backup or none, killed ${ROUNDS} times`, { timeout: 180_000 + ROUNDS * 10_000 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const place = (name: string | number) => join(machine.home, `backup-${name}`)
  await expectOk(machine, ['store', 'backup', place('first')])
  const windowMs = await measure(() => expectOk(machine, ['store', 'backup', place('second')]))
  for (let round = 0; round < ROUNDS; round++) {
    const exit = await runKilled(machine, ['store', 'backup', place(round)], windowMs * (0.3 + Math.random() * 0.75))
    if (exit === 0) expect(existsSync(place(round))).toBe(true)
    if (!existsSync(place(round))) continue
    // It asks only for --yes: the file is a whole backup of this store.
    const { err } = await run(machine, ['store', 'restore', place(round), '--no-input'])
    expect(err).toMatch(/(would be given up|has all entries)[\s\S]*add --yes/)
  }
  const names = readdirSync(dirname(place(0))).filter((name) => name.startsWith('backup-'))
  expect(names.filter((name) => !name.includes('.new')).length).toBeGreaterThanOrEqual(2)
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
