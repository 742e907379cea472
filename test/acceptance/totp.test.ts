/**
 * Guards the codes of an app. Another program makes them: oathtool of Debian, if it is there or can be installed.
 * - Each code is verified twice, and accepted once.
 * - A code one step beside is accepted. A code two steps beside is refused with its distance.
 * - Of many processes that verify the same code, one succeeds.
 */

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { showCode } from '../authenticator.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  PASSPHRASE,
  readJson,
  run as runHere,
} from '../commands/bench.ts'
import { MONDAY_MS } from '../fake-context.ts'
import { isLong } from '../torture/campaign.ts'
import { createMachine, createRealDesk, expectOk as expectReal, inviteRealPhone, run } from './programs.ts'
import { isThere } from './tools.ts'

const STEP_MS = 30_000
const CODES = 20
const ACCOUNTS = isLong ? 50 : 10
/** Each fifth process uses keys of its own, the others the agent. */
const PROCESSES = isLong ? 50 : 15
const withOathtool = isThere('oathtool', 'oathtool')
const maker = withOathtool ? 'oathtool' : 'the tests themselves, for there is no oathtool here'

/** The codes of `count` steps, from the step at `fromMs` on. */
function makeCodes(key: string, fromMs: number, count: number): string[] {
  if (!withOathtool) return Array.from({ length: count }, (_, i) => showCode(key, fromMs, i))
  const now = `${new Date(fromMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const text = execFileSync('oathtool', ['--totp', '--base32', '--now', now, '--window', String(count - 1), key])
  return text.toString('utf8').trim().split('\n')
}

type Account = { readonly user: string; readonly key: string }

async function enrol(bench: Bench, user: string): Promise<Account> {
  await invitePhone(bench, user)
  const { secret } = await readJson<{ secret: string }>(bench, ['totp', 'enroll', user])
  await expectOk(bench, ['totp', 'activate', user, makeCodes(secret, bench.nowMs, 1)[0] as string])
  return { user, key: secret }
}

type Said = { readonly stepsOff?: number; readonly reason: string }
async function verify(bench: Bench, { user }: Account, code: string): Promise<Said> {
  const { exit, out, err } = await runHere(bench, ['totp', 'verify', user, code, '--json'])
  return exit === 0 ? { ...JSON.parse(out), reason: 'ok' } : JSON.parse(err).error
}

describe(`${ACCOUNTS * CODES} codes for ${ACCOUNTS} accounts, made by ${maker}`, () => {
  it('are accepted once, and refused the second time', async () => {
    const bench = await createDesk()
    const accounts: (Account & { readonly codes: readonly string[] })[] = []
    for (let i = 0; i < ACCOUNTS; i++) {
      const account = await enrol(bench, `user${i}@example.ch`)
      accounts.push({ ...account, codes: makeCodes(account.key, MONDAY_MS + STEP_MS, CODES) })
    }
    const told = { first: new Map<string, number>(), again: new Map<string, number>() }
    const count = (map: Map<string, number>, { reason, stepsOff }: Said) => {
      const word = reason === 'ok' ? `ok ${stepsOff}` : reason
      map.set(word, (map.get(word) ?? 0) + 1)
    }
    for (let i = 0; i < CODES; i++) {
      bench.nowMs += STEP_MS
      for (const account of accounts) {
        count(told.first, await verify(bench, account, account.codes[i] as string))
        count(told.again, await verify(bench, account, account.codes[i] as string))
      }
    }
    expect([...told.first]).toEqual([['ok 0', ACCOUNTS * CODES]])
    expect([...told.again]).toEqual([['used-code', ACCOUNTS * CODES]])
  }, 300_000)

  it('are accepted one step beside, and refused two steps beside with the right distance', async () => {
    const bench = await createDesk()
    for (let i = 0; i < ACCOUNTS; i++) {
      const account = await enrol(bench, `user${i}@example.ch`)
      for (const steps of [-1, 1, -2, 2]) {
        bench.nowMs += 5 * STEP_MS
        const [code = ''] = makeCodes(account.key, bench.nowMs + steps * STEP_MS, 1)
        const reason = Math.abs(steps) === 1 ? 'ok' : 'code-too-far'
        expect(await verify(bench, account, code)).toMatchObject({ reason, stepsOff: steps })
      }
    }
  })
})

describe(`${PROCESSES} processes with one code`, () => {
  it('give one success, whether they use the agent or keys of their own', async () => {
    const machine = createMachine()
    await createRealDesk(machine)
    await inviteRealPhone(machine)
    const { secret } = JSON.parse(await expectReal(machine, ['totp', 'enroll', 'zoe@example.ch', '--json']))
    await expectReal(machine, ['totp', 'activate', 'zoe@example.ch', showCode(secret, Date.now(), -1)])
    // The code of the next step: it is accepted during three steps from now on, which is enough for all processes.
    const code = showCode(secret, Date.now(), 1)
    const own = ['--passphrase-file', machine.keep('again', PASSPHRASE)]
    const ended = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) =>
        run(machine, ['totp', 'verify', 'zoe@example.ch', code, '--json', ...(i % 5 === 0 ? own : [])]),
      ),
    )
    const reasons = ended.map(({ exit, err }) => (exit === 0 ? 'ok' : `${exit} ${JSON.parse(err).error.reason}`))
    expect(reasons.toSorted()).toEqual([...new Array(PROCESSES - 1).fill('4 used-code'), 'ok'])
    const entries = JSON.parse(await expectReal(machine, ['audit', 'list', '--action', 'totp.verify', '--json']))
    expect(entries.filter(({ outcome }: { outcome: string }) => outcome === 'ok')).toHaveLength(1)
    expect(entries).toHaveLength(PROCESSES)
  })
})
