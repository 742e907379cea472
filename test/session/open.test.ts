/**
 * Guards which store a command opens, and with which operator's keys:
 * - those that the command line or the environment names;
 * - otherwise the default store, with its only or its unlocked operator;
 * - never another desk that happens to be open.
 */
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeBase64Url, encodeHex, encodeText } from '../../src/crypto/bytes.ts'
import { sealSlot } from '../../src/crypto/slot.ts'
import { KeydeskError } from '../../src/errors.ts'
import { main } from '../../src/program/keydesk.ts'
import { drawOperatorKeys, encodeOperatorKeys } from '../../src/store/keyring.ts'
import { openWorkstation } from '../../src/workstation/config.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  openContext,
  PASSPHRASE,
  run,
  storeOf,
} from '../commands/bench.ts'
import { type FakeContext, fakeContext } from '../fake-context.ts'

const FROM_STDIN = ['--passphrase-file', '-']
const passphrase = { input: `${PASSPHRASE}\n` }

/** Adds a login for the bench's store to this workstation. The store does not know its operator. */
async function addLogin(bench: Bench, operator: string, logN = 10): Promise<void> {
  const { places, random } = openContext(bench)
  const keys = drawOperatorKeys(random)
  const seal = { kind: 'operator', context: keys.operatorId, salt: random(16), logN } as const
  const slot = encodeBase64Url(sealSlot(encodeText(PASSPHRASE), encodeOperatorKeys(keys), seal))
  const operatorId = encodeHex(keys.operatorId)
  await (await openWorkstation(places, random)).update((config) => {
    const [first] = config.logins
    if (first === undefined) throw new Error('there is no login yet')
    return { ...config, logins: [...config.logins, { ...first, operator, operatorId, slot }] }
  })
}

const initAt = (bench: Bench, store: string, operator: string) =>
  expectOk(bench, ['init', '--org', 'Test', '--operator', operator, '--store', store, ...FROM_STDIN], passphrase)

describe('a store with several operators on one workstation', () => {
  it('demands --operator while none of them is unlocked', async () => {
    const bench = await createDesk()
    await addLogin(bench, 'bob')
    await expectOk(bench, ['lock'])
    for (const command of [['device', 'list'], ['status'], ['unlock']]) {
      const { exit, err } = await run(bench, command)
      expect([exit, err]).toEqual([
        2,
        'keydesk: several operators use this store here\nhint: name one by --operator: anna, bob\n',
      ])
    }
    for (const env of [{ KEYDESK_OPERATOR: 'anna' }, {}]) {
      const named = env.KEYDESK_OPERATOR === undefined ? ['--operator', 'anna'] : []
      expect(await run(bench, ['device', 'list', ...named, ...FROM_STDIN], { ...passphrase, env })).toMatchObject({
        exit: 0,
      })
    }
  })

  it('takes the unlocked operator, and demands the passphrase of another one who is named', async () => {
    const bench = await createDesk()
    await addLogin(bench, 'bob')
    expect(JSON.parse(await expectOk(bench, ['status', '--json']))).toMatchObject({ operator: 'anna', unlocked: true })
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 0 })
    expect(await run(bench, ['device', 'list', '--operator', 'bob'])).toMatchObject({ exit: 5 })
    expect(await run(bench, ['device', 'list'], { env: { KEYDESK_OPERATOR: 'bob' } })).toMatchObject({ exit: 5 })
    // A flag takes precedence over the environment.
    const flag = ['device', 'list', '--operator', 'anna']
    expect(await run(bench, flag, { env: { KEYDESK_OPERATOR: 'bob' } })).toMatchObject({ exit: 0 })
  })

  it('refuses an operator for whom the store has no keys', async () => {
    const bench = await createDesk()
    await addLogin(bench, 'bob')
    const { exit, err } = await run(bench, ['unlock', '--operator', 'bob', ...FROM_STDIN], passphrase)
    expect(exit).toBe(6)
    expect(err).toContain('not an operator of this store')
  })
})

describe('without --store', () => {
  it('takes the first store that was set up, if none is at the platform’s own place', async () => {
    const bench = createWorkstation()
    const [first, second] = [join(bench.home, 'first'), join(bench.home, 'second')]
    await initAt(bench, first, 'anna')
    await initAt(bench, second, 'bob')
    await expectOk(bench, ['unlock', '--store', second, ...FROM_STDIN], passphrase)
    expect(JSON.parse(await expectOk(bench, ['status', '--json']))).toMatchObject({ store: first, unlocked: false })
    expect(await run(bench, ['device', 'list'])).toMatchObject({ exit: 5 })
    await expectOk(bench, ['unlock', ...FROM_STDIN], passphrase)
    expect(JSON.parse(await expectOk(bench, ['status', '--json']))).toMatchObject({ store: first, unlocked: true })
  })

  it('treats an empty variable as unset', async () => {
    const bench = await createDesk()
    const env = { KEYDESK_STORE: '', KEYDESK_OPERATOR: '', KEYDESK_PASSPHRASE_FILE: '' }
    expect(await run(bench, ['device', 'list'], { env })).toMatchObject({ exit: 0 })
  })
})

describe('a store that was replaced', () => {
  it('is refused even while its keys are unlocked', async () => {
    const [bench, other] = [await createDesk(), await createDesk()]
    copyFileSync(storeOf(other), storeOf(bench))
    const { exit, err } = await run(bench, ['device', 'list'])
    expect(exit).toBe(8)
    expect(err).toContain('is not the store that was set up here')
  })

  it('keeps its keys: both the new store and the old one, put back, can be opened', async () => {
    const bench = await createDesk()
    await expectOk(bench, ['device', 'invite', '--user', 'zoe', ...FROM_STDIN], passphrase)
    const away = join(bench.home, 'away')
    copyFileSync(storeOf(bench), away)
    rmSync(storeOf(bench))
    await expectOk(bench, ['init', '--org', 'Interim', '--operator', 'anna', ...FROM_STDIN], passphrase)
    expect(await run(bench, ['device', 'list', ...FROM_STDIN], passphrase)).toMatchObject({ exit: 0, out: '' })
    copyFileSync(away, storeOf(bench))
    expect((await run(bench, ['device', 'list', ...FROM_STDIN], passphrase)).out).toContain('zoe')
  })

  it('is refused if it was never set up on this workstation', async () => {
    const [bench, other] = [await createDesk(), await createDesk()]
    const { exit } = await run(bench, ['device', 'list', '--store', storeOf(other), ...FROM_STDIN], passphrase)
    expect(exit).toBe(7)
  })
})

describe('an init that was interrupted', () => {
  it('leaves a login without a store, and can be repeated', async () => {
    const bench = createWorkstation()
    const init = ['init', '--org', 'Röntgen AG', '--operator', 'anna', ...FROM_STDIN]
    await expectOk(bench, init, passphrase)
    // As after a crash between the two writes: the config has the login, and there is no store.
    rmSync(storeOf(bench))
    expect(await run(bench, ['unlock', ...FROM_STDIN], passphrase)).toMatchObject({ exit: 7 })
    await expectOk(bench, init, passphrase)
    expect(await run(bench, ['unlock', ...FROM_STDIN], passphrase)).toMatchObject({ exit: 0 })
  })
})

describe('a damaged login', () => {
  it('gives exit 8, not a wrong passphrase', async () => {
    const bench = await createDesk()
    await addLogin(bench, 'bob', 11)
    const { exit, err } = await run(bench, ['unlock', '--operator', 'bob', ...FROM_STDIN], passphrase)
    expect(exit).toBe(8)
    expect(err).toContain('the keys of bob on this workstation do not verify')
  })
})

describe('the next command that init suggests', () => {
  it('can be pasted, even if the path needs quotes', async () => {
    const bench = await createDesk()
    const { err } = await run(
      bench,
      ['init', '--org', 'T', '--operator', 'bob', '--store', join(bench.home, "it's here"), ...FROM_STDIN],
      passphrase,
    )
    expect(err).toBe(`hint: keydesk unlock --store '${bench.home}/it'\\''s here'\n`)
  })
})

describe('a machine without a home directory', () => {
  const homeless = (context: FakeContext): FakeContext =>
    Object.defineProperty(context, 'places', {
      get: () => {
        throw new KeydeskError('refused', 'no-home', 'there is no home directory')
      },
    })

  it('stops the commands that need one, and no other', async () => {
    const context = homeless(fakeContext())
    expect(await main(['status'], context)).toBe(6)
    expect(context.stderr()).toContain('no home directory')
    for (const argv of [['--version'], ['--help'], ['reset', 'confirm', '--help']])
      expect(await main(argv, context)).toBe(0)
  })
})
