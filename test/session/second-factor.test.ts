/**
 * Guards the second factor that policy demands at unlocking. At a terminal, an operator without an app sets one up
 * there, and unlocks with its first code.
 */
import { expect, it } from 'vitest'
import { DEFAULT_POLICY } from '../../src/desk/records/policy.ts'
import { findLogin, openLogin } from '../../src/session/login.ts'
import { unlockByFactor } from '../../src/session/second-factor.ts'
import { openDesk } from '../../src/store/desk.ts'
import { withStore } from '../../src/store/with-store.ts'
import { showCode, showNoCode } from '../authenticator.ts'
import { createDesk, openContext, PASSPHRASE, readJson, run } from '../commands/bench.ts'

const REQUIRED = { ...DEFAULT_POLICY, totpRequired: true }
const GLOBALS = { input: true, color: false } as const

it('shows the QR code, the key and the recovery codes, asks until a code is right, and then activates the app', async () => {
  const bench = await createDesk()
  const base = openContext(bench, { terminal: true, answers: [PASSPHRASE] })
  const keyShown = () => (/^ {2}(([A-Z2-7]{4} ?){8})$/m.exec(base.stderr())?.[1] ?? '').trim()
  const typed = [() => 'abc', () => showNoCode(keyShown(), bench.nowMs), () => showCode(keyShown(), bench.nowMs)]
  const context = { ...base, prompt: { ...base.prompt, text: async () => (typed.shift() as () => string)() } }
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const { answer } = await withStore(context.places, login, async (engine) => {
    const desk = await openDesk(engine, await openLogin(context, GLOBALS, login), context)
    return unlockByFactor(context, GLOBALS, { desk, login, policy: REQUIRED, limitSeconds: 900 })
  })
  expect(answer).toMatchObject({ factor: 'totp', stepsOff: 0, recoveryLeft: 10 })
  expect(typed).toEqual([])
  expect(base.stdout()).toBe('')
  expect(base.stderr()).toContain('█')
  expect(base.stderr()).toContain('a code has digits only')
  expect(base.stderr()).toContain('the code is wrong')
  expect(base.stderr().match(/[0-9A-Z]{5}-[0-9A-Z]{5}/g)).toHaveLength(10)
  expect(await readJson(bench, ['totp', 'list'])).toMatchObject([{ name: 'anna', owner: 'operator', state: 'active' }])
  const alone = await run(bench, ['unlock', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
  expect(alone).toMatchObject({ exit: 5, out: '' })
})

it('refuses without a terminal as totp-required, and adds an audit entry', async () => {
  const bench = await createDesk()
  const context = openContext(bench, { input: `${PASSPHRASE}\n` })
  const options = { ...GLOBALS, passphraseFile: '-' }
  const login = await findLogin(context, { store: undefined, operator: undefined })
  const refused = withStore(context.places, login, async (engine) => {
    const desk = await openDesk(engine, await openLogin(context, options, login), context)
    return unlockByFactor(context, options, { desk, login, policy: REQUIRED, limitSeconds: 900 })
  })
  await expect(refused).rejects.toMatchObject({ refusal: { kind: 'locked', reason: 'totp-required' } })
  expect(await readJson(bench, ['audit', 'list', '--action', 'operator.unlock'])).toMatchObject([
    { outcome: 'ok' },
    { outcome: 'totp-required' },
  ])
})
