/**
 * Searches the memory of the real agent for secrets: while it is unlocked, and after one of two desks was locked.
 * - The passphrase is never in it.
 * - The other secrets are counted, and docs/reliability.md states the figures.
 * - JavaScript cannot wipe memory, so the agent ends when it holds no keys.
 */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeText } from '../../src/crypto/bytes.ts'
import { findLogin, openLogin } from '../../src/session/login.ts'
import { openDesk } from '../../src/store/desk.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import {
  createMachine,
  createRealDesk,
  expectOk,
  findProcesses,
  inviteRealPhone,
  type Machine,
} from '../acceptance/programs.ts'
import { PASSPHRASE } from '../commands/bench.ts'
import { fakeContext } from '../fake-context.ts'
import { report, roundsOr } from './campaign.ts'
import { type Canary, searchMemory } from './memory.ts'

const ROUNDS = roundsOr(1)
/** An agent without keys ends at its next tick, after one second. With idle keys it would live for 15 minutes. */
const GONE_WITHIN_MS = 60_000

const agentOf = (machine: Machine) => findProcesses(machine).find(({ argv }) => argv.includes('__agent'))?.pid

/** The passphrase, the operator's keys, and the newest key of each section. */
async function canariesOf({ home, env }: Machine): Promise<Canary[]> {
  const context = fakeContext({ home, env, logN: 17, input: `${PASSPHRASE}\n` })
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const keys = await openLogin(context, { input: false, color: false, passphraseFile: '-' }, login)
  const engine = openSqlite(login.store, { uid: context.places.uid })
  const { opened } = await openDesk(engine, keys, context)
  await engine.close()
  const sections = Object.entries(opened.keyring).map(([name, list]) => {
    return { name: `key of ${name}`, bytes: list.at(-1)?.key as Uint8Array }
  })
  return [
    { name: 'passphrase', bytes: encodeText(PASSPHRASE) },
    { name: 'box secret', bytes: keys.boxSecret },
    { name: 'signing seed', bytes: keys.signingSeed },
    ...sections,
  ]
}

/** Stops the agent, searches its memory, and lets it continue. Returns the number of finds for each canary. */
async function search(pid: number, canaries: readonly Canary[]): Promise<Record<string, number>> {
  process.kill(pid, 'SIGSTOP')
  try {
    return Object.fromEntries(searchMemory(pid, canaries))
  } finally {
    process.kill(pid, 'SIGCONT')
  }
}

/** Milliseconds until the machine has no agent. Fails after GONE_WITHIN_MS. */
async function waitUntilGone(machine: Machine): Promise<number> {
  const started = performance.now()
  await expect.poll(() => agentOf(machine), { timeout: GONE_WITHIN_MS }).toBeUndefined()
  return Math.round(performance.now() - started)
}

async function playRound(round: number): Promise<void> {
  const machine = createMachine()
  await createRealDesk(machine)
  const phone = await inviteRealPhone(machine)
  const code = await expectOk(machine, ['reset', 'confirm', phone.resetCode(0), '--verified-by', 'callback', '-q'])
  const canaries = [
    ...(await canariesOf(machine)),
    { name: 'device secret', bytes: phone.secret },
    { name: 'confirmation code', bytes: encodeText(code.trim()) },
    { name: 'confirmation code without hyphens', bytes: encodeText(code.trim().replaceAll('-', '')) },
  ]
  const pid = agentOf(machine) as number
  const unlocked = await search(pid, canaries)
  // Unlock a second desk in the same agent, and lock the first one.
  const store = join(machine.home, 'second.keydesk')
  const file = join(machine.home, '../secrets/passphrase')
  const named = ['--store', store, '--passphrase-file', file]
  await expectOk(machine, ['init', '--org', 'Second', '--operator', 'bob', ...named])
  await expectOk(machine, ['unlock', ...named])
  await expectOk(machine, ['lock', '--operator', 'anna'])
  const oneLocked = await search(pid, canaries)
  await expectOk(machine, ['lock'])
  const goneMs = await waitUntilGone(machine)
  report('canary', { round, unlocked, oneLocked, goneMs })
  // The search works: it finds a key that the agent holds.
  expect(unlocked['key of directory']).toBeGreaterThan(0)
  for (const found of [unlocked, oneLocked]) expect(found['passphrase']).toBe(0)
}

describe.skipIf(process.platform !== 'linux')('the agent’s memory', () => {
  it('never holds the passphrase, and the agent ends soon after lock', {
    timeout: 180_000 + ROUNDS * 20_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) await playRound(round)
  })
})
