/**
 * `kill -9` of real `reset confirm` processes at random moments: whenever a confirmation code was shown, its entry is
 * in the record, and the store opens and verifies whatever the moment. KEYDESK_TORTURE=200 kills 200 times.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { findLogin, openLogin } from '../../src/commands/login.ts'
import type { AuditEntry } from '../../src/desk/records.ts'
import { openDesk } from '../../src/store/desk.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { PASSPHRASE, type Phone } from '../commands/bench.ts'
import { type FakeContext, fakeContext } from '../fake-context.ts'
import { findFaults } from '../store/verifying.ts'
import { createMachine, createRealDesk, inviteRealPhone, KEYDESK, type Machine, start, waitFor } from './programs.ts'

const ROUNDS = Number(process.env['KEYDESK_TORTURE'] ?? 15)

/** Looks into the store past the programs: what does not hold in it, and what was confirmed. */
type Inspect = () => Promise<{ faults: string[]; confirmed: AuditEntry[] }>

const isConfirmation = ({ action, outcome }: AuditEntry) => action === 'reset.confirm' && outcome === 'ok'

async function openInspection({ home, env }: Machine): Promise<Inspect> {
  const context: FakeContext = fakeContext({ home, env, logN: 17, input: `${PASSPHRASE}\n` })
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const keys = await openLogin(context, { input: false, color: false, passphraseFile: '-' }, login)
  return async () => {
    const engine = openSqlite(login.store, { uid: context.places.uid })
    try {
      const desk = await openDesk(engine, keys, context)
      const confirmed: AuditEntry[] = []
      await desk.read(async (records) => {
        for await (const entry of records.entries(0)) if (isConfirmation(entry)) confirmed.push(entry)
      })
      const founder = {
        keys,
        keyring: desk.opened.keyring,
        me: desk.me,
        storeId: new Uint8Array(16),
        salt: new Uint8Array(16),
      }
      const options = { nowMs: 0, clock: context.clock, random: context.random }
      return { faults: await findFaults(engine, { ...founder, options }), confirmed }
    } finally {
      await engine.close()
    }
  }
}

/** Starts a confirmation of that epoch, kills it after so long, and resolves to what it showed until then. */
async function confirm(machine: Machine, phone: Phone, epoch: number, killAfterMs: number | null) {
  const file = join(machine.home, 'answer')
  const stdout = openSync(file, 'w')
  const argv = ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback', '--quiet']
  const child = start(machine, [KEYDESK, ...argv], { stdout })
  const ended = waitFor(child)
  if (killAfterMs !== null) void sleep(killAfterMs).then(() => child.kill('SIGKILL'))
  const { exit } = await ended
  closeSync(stdout)
  return { exit, shown: readFileSync(file, 'utf8') }
}

it(`shows no code without its entry, killed ${ROUNDS} times`, { timeout: 60_000 + ROUNDS * 3_000 }, async () => {
  const machine = createMachine()
  await createRealDesk(machine)
  const phone = await inviteRealPhone(machine)
  const inspect = await openInspection(machine)
  // The first one warms the compile cache; the second says how long one takes.
  await confirm(machine, phone, 0, null)
  const started = performance.now()
  await confirm(machine, phone, 1, null)
  const windowMs = performance.now() - started
  const tally = { windowMs: Math.round(windowMs), killed: 0, ended: 0, shown: 0, entryAlone: 0 }
  let epoch = 1
  while (tally.killed < ROUNDS) {
    epoch += 1
    // Every other time late, when the commit is near; the rest at any moment.
    const share = epoch % 2 === 0 ? 0.6 + Math.random() * 0.4 : Math.random()
    const { exit, shown } = await confirm(machine, phone, epoch, windowMs * share)
    const { faults, confirmed } = await inspect()
    const isOnRecord = confirmed.some(({ details }) => details['epoch'] === epoch)
    expect(faults, `epoch ${epoch}`).toEqual([])
    // A line of stdout is written whole or not at all.
    expect(['', `${phone.confirmationCode(epoch)}\n`], `epoch ${epoch}`).toContain(shown)
    if (shown !== '') expect(isOnRecord, `a code was shown in epoch ${epoch}, and its entry is missing`).toBe(true)
    tally[exit === null ? 'killed' : 'ended']++
    if (shown !== '') tally.shown++
    else if (isOnRecord) tally.entryAlone++
  }
  if (process.env['KEYDESK_TORTURE'] !== undefined) process.stdout.write(`${JSON.stringify(tally)}\n`)
  // The desk goes on: the next code is confirmed as if nothing had happened.
  const next = await confirm(machine, phone, epoch + 1, null)
  expect(next).toEqual({ exit: 0, shown: `${phone.confirmationCode(epoch + 1)}\n` })
})
