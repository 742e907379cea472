/**
 * Guards `docs/roles.md`. Each command of its table runs as each role: unlocked, locked, and removed while the agent
 * still holds the keys. The last tests go past the commands and use the library. There the missing key or the missing
 * signature refuses.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { asHexId } from '../../src/crypto/bytes.ts'
import { decideInvite, decideUnblock } from '../../src/desk/device/decide.ts'
import { decideRekey } from '../../src/desk/operator.ts'
import type { Device, Role } from '../../src/desk/records/index.ts'
import { KeydeskError } from '../../src/errors.ts'
import { findKeys } from '../../src/session/keys.ts'
import { withDesk } from '../../src/session/open.ts'
import { drawSectionKeys } from '../../src/store/keyring.ts'
import { ROSTER, stateChange } from '../../src/store/roster.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { showCode } from '../authenticator.ts'
import { createHome } from '../fake-context.ts'
import {
  type Bench,
  createDesk,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  type Phone,
  readJson,
  run,
  storeOf,
} from './bench.ts'

const ROLES = ['admin', 'helpdesk', 'auditor'] as const
const NAMES: Record<Role, string> = { admin: 'anna', helpdesk: 'bob', auditor: 'carla' }
const FROM_STDIN = ['--passphrase-file', '-']
const typed = { input: `${PASSPHRASE}\n` }
/** The reasons of a refusal by role. Other reasons concern only the command itself. */
const FORBIDDEN = ['needs-admin', 'needs-helpdesk', 'no-section-key', 'not-an-operator']

type Line = { readonly command: string; readonly may: Record<Role, boolean>; readonly needs: string }
const TABLE: Line[] = readFileSync(new URL('../../docs/roles.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^\| `(.+)` \| (yes|no) \| (yes|no) \| (yes|no) \| (.+) \|$/.exec(line))
  .filter((match) => match !== null)
  .map(([, command = '', admin, helpdesk, auditor, needs = '']) => ({
    command,
    may: { admin: admin === 'yes', helpdesk: helpdesk === 'yes', auditor: auditor === 'yes' },
    needs,
  }))

const files = createHome()
let written = 0
const newFile = (role: Role) => join(files, `${role}${++written}`)

/** A list with one user who is new to the desk. */
function newList(role: Role): string {
  const path = newFile(role)
  writeFileSync(path, `user,name\n${role}-${written}@example.ch,phone\n`)
  return path
}

/** A file with a valid wording. */
function wordingFile(): string {
  const path = join(files, 'wording.txt')
  writeFileSync(path, 'Subject: a\n\n{{confirmationCode}}\n')
  return path
}

/** The arguments that follow the command's words. */
const ARGUMENTS: Record<string, (phone: Phone, role: Role) => string[]> = {
  'device invite': (_, role) => ['--user', `${role}@example.ch`],
  'device import': (_, role) => [newList(role)],
  'device list': () => [],
  'device show': ({ deviceId }) => [deviceId],
  'device block': ({ deviceId }) => [deviceId],
  'device unblock': ({ deviceId }) => [deviceId],
  'device retire': ({ deviceId }) => [deviceId, '--yes'],
  'reset check': (phone) => [phone.resetCode()],
  'reset confirm': (phone) => [phone.resetCode(), '--verified-by', 'callback'],
  'reset outcome': ({ deviceId }) => [deviceId, '--opened'],
  'reset history': () => [],
  'device policy': ({ deviceId }) => [deviceId, 'licence.docs', 'on'],
  'user add': (_, role) => [`${role}-2@example.ch`],
  'user import': (_, role) => [newList(role)],
  'user list': () => [],
  'user show': () => ['zoe@example.ch'],
  'user grant': () => ['zoe@example.ch', 'reset-secure-apps-passcode'],
  'user revoke': () => ['zoe@example.ch', 'reset-secure-apps-passcode'],
  'user remove': () => ['max@example.ch', '--yes'],
  'pin check': () => ['zoe@example.ch'],
  'pin issue': () => ['zoe@example.ch'],
  'pin redeem': () => ['zoe@example.ch', '0123456789'],
  'pin list': () => [],
  'pin revoke': () => ['zoe@example.ch'],
  'totp enroll': () => ['max@example.ch'],
  'totp activate': () => ['zoe@example.ch', '000000'],
  'totp verify': () => ['zoe@example.ch', '000000'],
  'totp resync': () => ['zoe@example.ch', '000000', '111111'],
  'totp reset': () => ['zoe@example.ch', '--yes'],
  'totp list': () => [],
  'operator trust list': () => [],
  'operator list': () => [],
  'operator add': (_, role) => ['--name', `new ${role}`, '--role', 'auditor', '--new-passphrase-file', '-'],
  'operator role': () => ['dora', 'helpdesk', '--yes'],
  'operator remove': () => ['dora', '--yes'],
  'operator passphrase': () => ['--new-passphrase-file', '/dev/null'],
  'policy show': () => [],
  'policy set': () => ['reset.repeatMinutes', '9'],
  'mail template show': () => ['confirm'],
  'mail template set': () => ['confirm', wordingFile()],
  'mail template reset': () => ['confirm'],
  'audit list': () => [],
  'audit verify': () => [],
  'audit checkpoint': () => [],
  'audit export': (_, role) => ['--out', newFile(role)],
  'store info': () => [],
  'store verify': () => [],
  'store backup': (_, role) => [newFile(role)],
  'store rekey': () => ['--yes'],
  'store accept': () => ['--yes'],
  'store restore': () => ['/nowhere', '--yes'],
}

let phone: Phone
/** A desk with one unlocked operator of each role, and one more operator who can be removed. */
async function createStaffed(): Promise<Bench> {
  const bench = await createDesk()
  const add = (name: string, role: Role) =>
    expectOk(
      bench,
      ['operator', 'add', '--operator', 'anna', '--name', name, '--role', role, '--new-passphrase-file', '-'],
      typed,
    )
  await add('bob', 'helpdesk')
  await add('carla', 'auditor')
  await add('dora', 'auditor')
  // Invited while only anna is unlocked: a command without --operator then uses her keys.
  phone = await invitePhone(bench)
  await invitePhone(bench, 'max@example.ch')
  const { secret } = await readJson<{ secret: string }>(bench, ['totp', 'enroll', 'zoe@example.ch'])
  await expectOk(bench, ['totp', 'activate', 'zoe@example.ch', showCode(secret, bench.nowMs)])
  for (const name of ['bob', 'carla'])
    await expectOk(bench, ['unlock', '--for', '24h', '--operator', name, ...FROM_STDIN], typed)
  return bench
}

async function attempt(bench: Bench, command: string, role: Role): Promise<{ exit: number; reason: string | null }> {
  const words = [
    ...command.split(' '),
    ...(ARGUMENTS[command]?.(phone, role) ?? []),
    '--operator',
    NAMES[role],
    '--json',
  ]
  const { exit, err } = await run(bench, [...words, '--no-input'], typed)
  const line = err.split('\n').find((each) => each.startsWith('{"error"'))
  return { exit, reason: line === undefined ? null : (JSON.parse(line).error.reason as string) }
}

const keyed = TABLE.filter(({ needs }) => needs.startsWith('keys'))
/** The state of the store decides these commands, and it is sound here. Other tests cover them. */
const ELSEWHERE = ['store accept', 'store restore']

it('the table in docs/roles.md names every command that this test has arguments for, and no other', () => {
  expect(TABLE.map(({ command }) => command).sort()).toEqual(Object.keys(ARGUMENTS).sort())
})

describe('an unlocked operator', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await createStaffed()
  })

  const cases = keyed
    .filter(({ command }) => !ELSEWHERE.includes(command))
    .flatMap(({ command, may }) =>
      (['auditor', 'helpdesk', 'admin'] as const).map((role) => [command, role, may[role]] as const),
    )
  it.each(cases)('may run %s as %s: %s', async (command, role, may) => {
    const { exit, reason } = await attempt(bench, command, role)
    if (may) expect(FORBIDDEN).not.toContain(reason)
    else expect([exit, FORBIDDEN.includes(String(reason))]).toEqual([6, true])
  })
})

describe('a locked operator', () => {
  it('gets exit 5 from every command that needs keys, in every role', async () => {
    const bench = await createStaffed()
    await expectOk(bench, ['lock'])
    for (const { command } of keyed.filter(({ command: each }) => each !== 'store restore'))
      for (const role of ROLES) {
        const { exit, reason } = await attempt(bench, command, role)
        expect([command, role, exit, reason]).toEqual([command, role, 5, 'locked'])
      }
  })
})

describe('a removed operator whose keys are still in the agent', () => {
  it('gets exit 6 from every command, and with the passphrase too', async () => {
    const bench = await createStaffed()
    for (const name of ['bob', 'carla'])
      await expectOk(bench, ['operator', 'remove', name, '--operator', 'anna', '--yes'])
    for (const { command } of keyed.filter(({ command: each }) => !ELSEWHERE.includes(each)))
      for (const role of ['helpdesk', 'auditor'] as const) {
        const { exit, reason } = await attempt(bench, command, role)
        expect([command, role, exit, reason]).toEqual([command, role, 6, 'not-an-operator'])
      }
    const byPassphrase = await run(bench, ['device', 'list', '--operator', 'bob', ...FROM_STDIN], typed)
    expect(byPassphrase).toMatchObject({ exit: 6, out: '' })
  })
})

describe('the library, past the commands', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await createStaffed()
  })
  const globals = (role: Role) => ({ input: false, color: false, operator: NAMES[role] })
  const refusalOf = async (work: () => Promise<unknown>) => {
    try {
      await work()
    } catch (error) {
      if (error instanceof KeydeskError) return error.refusal.reason
      throw error
    }
    return 'done'
  }

  it('gives an auditor no key to a secret, and its decisions refuse changes', async () => {
    const context = openContext(bench)
    await withDesk(context, globals('auditor'), async (desk) => {
      expect(Object.keys(desk.opened.keyring)).toEqual(['directory'])
      const device = await desk.read((records) => records.device(phone.deviceId))
      expect(await refusalOf(() => desk.read((records) => records.deviceSecret(device as Device)))).toBe(
        'no-section-key',
      )
      const invite = {
        ...(device as Device),
        deviceId: asHexId('ab'.repeat(16)),
        tag: 7,
        secret: context.random(32),
        newUserId: asHexId('cd'.repeat(16)),
      }
      const circumstances = { now: 0, operator: desk.me }
      expect(await refusalOf(() => desk.commit(async () => decideInvite(null, invite, circumstances)))).toBe(
        'needs-helpdesk',
      )
      expect(await refusalOf(() => desk.commit(async () => decideUnblock(device as Device, circumstances)))).toBe(
        'needs-admin',
      )
    })
  })

  it('rejects the statement of a helpdesk operator who skips the decision', async () => {
    const context = openContext(bench)
    const { keys } = await findKeys(context, globals('helpdesk'))
    await withDesk(context, globals('helpdesk'), async (desk) => {
      const fresh = drawSectionKeys(context.random)
      const asAdmin = { now: 0, operator: { ...desk.me, role: 'admin' as const } }
      // The decision is told that they are an admin. The roster has their real role.
      expect(await refusalOf(() => desk.commit(async () => decideRekey(fresh, asAdmin)))).toBe('damaged-record')
      const promote = { kind: 'operator', operator: { ...desk.me, role: 'admin' } } as const
      await desk.inspect(async ({ snapshot, sealer, records }) => {
        const { roster } = await records()
        expect(() => stateChange(snapshot.storeId, keys, sealer, roster, promote)).toThrow('does not verify')
      })
    })
    expect(await run(bench, ['device', 'list', '--operator', 'anna'])).toMatchObject({ exit: 0 })
  })

  it('closes the desk for everyone if a forged statement is written past keydesk', async () => {
    const context = openContext(bench)
    const { keys } = await findKeys(context, globals('admin'))
    const engine = openSqlite(storeOf(bench), { uid: context.places.uid })
    await withDesk(context, globals('helpdesk'), async (desk) => {
      await desk.inspect(async ({ snapshot, sealer, records }) => {
        const { roster } = await records()
        // Signed by an admin, but with bob as the named signer: as if he had found a way to make such a statement.
        const made = stateChange(snapshot.storeId, keys, sealer, roster, {
          kind: 'operator',
          operator: { ...desk.me, role: 'admin' },
        })
        const forged = sealer.openListed<{ body: string; signer: string; signature: string }>(ROSTER, made.row)
        const listed = sealer.sealListed(ROSTER, made.row.id, { ...forged, signer: desk.me.operatorId })
        setImmediate(() => void engine.commit((commit) => commit.putRow(ROSTER, { ...made.row, listed })))
      })
    })
    await expect.poll(async () => (await run(bench, ['device', 'list', '--operator', 'anna'])).exit).toBe(8)
    expect((await run(bench, ['device', 'list', '--operator', 'bob'])).exit).toBe(8)
    await engine.close()
  })
})
