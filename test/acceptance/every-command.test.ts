/**
 * Guards every command against hostile names. Five hundred are in the store, its organisation and its operator
 * included, and one is in each place of the command line that takes a name. At a terminal and in a pipe, in words and
 * in JSON, no command prints one of them raw. A command that is not in the table fails the first test.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { asHexId } from '../../src/crypto/bytes.ts'
import { deriveResetCode } from '../../src/crypto/codes.ts'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { decideBlock, decideInvite } from '../../src/desk/device/decide.ts'
import type { Device } from '../../src/desk/records/index.ts'
import { openProgram } from '../../src/program/keydesk.ts'
import { withDesk } from '../../src/session/open.ts'
import { type Bench, openContext, PASSPHRASE, run } from '../commands/bench.ts'
import { fakeContext } from '../fake-context.ts'
import { HOSTILE, hostileText } from '../term/hostile.ts'
import { createHostileDesk, unlockHostile } from './hostile-desk.ts'

const OBEYED = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u
const LAID_OUT = /[^\P{C}\n\r\t]|[\p{Zl}\p{Zp}]/u
/** The escape sequences that we print ourselves: the black and white of a QR code. */
const OURS = ['\u001b[38;5;231;48;5;16m', '\u001b[0m']
/** These commands draw over their own progress. */
const PROGRESS = ['audit verify', 'audit export', 'store verify', 'store rekey']
const DRAWN_OVER = /[^\P{C}\n\r]|[\p{Zl}\p{Zp}]/u
const SHOWN = /u(\{202e\}|202e)/
/** The first of the names, and the one that commands are given. */
const WORST = `\u001b]52;c;cm0gLXJmIC8=\u0007a\u202egnp.exe\nBcc: all@example.ch\r\u009b2J\u2028=cmd|'/c calc'!A1`
const COUNT = 500
const NAMES = [
  WORST,
  ...HOSTILE,
  'x'.repeat(10_000),
  `\u001b]8;;http://evil.example\u0007${'y'.repeat(10_000)}`,
  ...fc.sample(hostileText, { numRuns: COUNT, seed: 500 }),
].slice(0, COUNT)

type Aim = { readonly id: string; readonly code: string; readonly file: (name: string) => string }
type Lines = (aim: Aim) => string[][]
const none: Lines = () => [[]]
const named: Lines = () => [[WORST]]

/** The arguments of each command: WORST for a name, and the device of that name for a device. */
const LINES: Record<string, Lines> = {
  init: () => [['--org', WORST, '--operator', WORST]],
  unlock: () => [
    ['--operator', WORST],
    ['--trust', WORST],
    ['--for', WORST],
  ],
  lock: () => [['--operator', WORST]],
  status: () => [[], ['--operator', WORST], ['--store', `/${WORST}`]],
  'device invite': () => [
    ['--user', WORST],
    ['--user', 'zoe', '--name', WORST],
    ['--user', 'zoe', '--platform', WORST],
    ['--user', 'zoe', '--platform', 'ios'],
    ['--again', WORST],
  ],
  'device import': ({ file }) => [
    [file('devices.csv'), '--dry-run'],
    [file('devices.csv'), '--map', `name=${WORST}`],
    [`/${WORST}`],
  ],
  'device list': () => [[], ['--csv'], ['--ndjson'], ['--search', WORST], ['--user', WORST], ['--sort', WORST]],
  'device show': ({ id }) => [[id], [WORST], ['gnp.exe']],
  'device policy': ({ id }) => [[id], [id, WORST, WORST], [id, 'licence.docs', 'on']],
  'reset check': ({ id, code }) => [[code], [code, '--device', id], [WORST]],
  'reset confirm': ({ code }) => [
    [code, '--ticket', WORST],
    [code, '--verified-by', 'callback'],
    [code, '--spell', WORST],
  ],
  'reset outcome': ({ id }) => [
    [id, '--opened'],
    [id, '--opened', '--ticket', WORST],
    [WORST, '--aborted'],
  ],
  'reset history': ({ id }) => [[], ['--device', id], ['--device', WORST]],
  'device block': ({ id }) => [[id, '--reason', WORST], [id]],
  'device unblock': ({ id }) => [[id]],
  'user add': named,
  'user list': () => [[], ['--ndjson']],
  'user import': ({ file }) => [[file('users.csv'), '--dry-run'], [`/${WORST}`]],
  'user show': named,
  'user grant': () => [
    [WORST, 'reset-secure-apps-passcode'],
    [WORST, WORST],
  ],
  'user revoke': () => [[WORST, 'reset-secure-apps-passcode']],
  'pin check': named,
  'pin issue': ({ file }) => [[WORST], [WORST, '--email', file('pin.eml')]],
  'pin redeem': () => [
    [WORST, '0123456789'],
    ['zoe', WORST],
  ],
  'pin list': () => [[], ['--ndjson']],
  'pin revoke': named,
  'totp enroll': ({ file }) => [[WORST], [WORST, '--email', file('totp.eml')], [WORST, '--qr', file('totp.png')]],
  'totp activate': () => [[WORST, '000000']],
  'totp verify': () => [
    [WORST, '000000'],
    [WORST, WORST],
  ],
  'totp resync': () => [[WORST, '000000', '111111']],
  'totp list': () => [[], ['--ndjson']],
  'totp reset': () => [[WORST, '--yes']],
  'operator list': none,
  'operator add': ({ file }) => [
    ['--name', WORST, '--role', 'auditor'],
    ['--name', 'x', '--role', WORST],
    [file('none')],
  ],
  'operator request': () => [['--name', WORST]],
  'operator accept': named,
  'operator role': () => [
    [WORST, 'helpdesk', '--yes'],
    ['anna', WORST],
  ],
  'operator remove': () => [[WORST, '--yes']],
  'operator passphrase': () => [['--new-passphrase-file', `/${WORST}`]],
  'operator trust list': none,
  'operator trust revoke': named,
  'policy show': none,
  'policy set': () => [
    [WORST, WORST],
    ['reset.repeatMinutes', WORST],
  ],
  'mail template show': () => [['confirm'], [WORST]],
  'mail template set': ({ file }) => [
    ['confirm', file('wording.txt')],
    ['confirm', file('none')],
    [WORST, WORST],
  ],
  'mail template reset': () => [['confirm'], [WORST]],
  'mail send': ({ file }) => [[file('none.eml')], [`/${WORST}`]],
  'preferences show': none,
  'preferences set': () => [
    ['ticket.pattern', WORST],
    [WORST, WORST],
  ],
  'preferences unset': named,
  call: () => [[], [WORST], ['--ticket', WORST], ['--spell', WORST]],
  'audit list': () => [[], ['--ndjson'], ['--device', WORST], ['--action', WORST], ['--since', WORST]],
  'audit verify': () => [[], ['--against', WORST]],
  'audit checkpoint': none,
  'audit export': ({ file }) => [[], ['--csv'], ['--out', file('export'), '--yes'], ['--out', `/${WORST}/x`]],
  'store info': none,
  'store verify': none,
  'store backup': () => [[`/${WORST}/x`]],
  'store restore': () => [[`/${WORST}`, '--yes']],
  'store accept': () => [['--yes', '--reason', WORST]],
  'store rekey': () => [['--yes']],
  completion: () => [['bash'], [WORST]],
  doctor: () => [[], ['--store', `/${WORST}`]],
  // Last, because they remove what the other commands look at.
  'device retire': ({ id }) => [[id, '--yes']],
  'user remove': () => [[WORST, '--yes']],
}
/** Commands whose answer has names of the store in it, or repeats an argument. */
const SHOWING = [
  'device list',
  'device show',
  'device policy',
  'device block',
  'device unblock',
  'device retire',
  'reset check',
  'reset history',
  'user list',
  'user show',
  'user grant',
  'user revoke',
  'user remove',
  'pin check',
  'pin issue',
  'pin revoke',
  'totp enroll',
  'totp list',
  'audit list',
  'audit export',
  'operator role',
  'operator remove',
  'status',
  'doctor',
  'unlock',
  'operator list',
  'store info',
  'reset outcome',
  'device import',
  'user import',
]

const leaves = (words: string, { commands }: Command): string[] =>
  commands.flatMap((each) => {
    const path = `${words} ${each.name()}`.trim()
    return each.commands.length === 0 ? [path] : leaves(path, each)
  })

/** The text around the first match, without our own escape sequences; null if there is no match. */
function excerpt(said: string, pattern: RegExp): string | null {
  const text = OURS.reduce((left, own) => left.replaceAll(own, ''), said)
  const at = text.search(pattern)
  return at === -1 ? null : text.slice(Math.max(0, at - 40), at + 40)
}

const readCells = (csv: string): string[] =>
  [...csv.matchAll(/"((?:[^"]|"")*)"(?=,|\r\n)|([^,\r\n"]+)(?=,|\r\n)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )

/** Puts the names into the store past the commands, as an import or another program might. */
async function fill(bench: Bench): Promise<Aim> {
  const context = openContext(bench)
  const idOf = (i: number) => (i + 1).toString(16).padStart(32, '0')
  const secrets = NAMES.map(() => asDeviceSecret(context.random(32)))
  await withDesk(context, { input: false, color: false }, async (desk) => {
    const me = desk.me
    for (const [i, name] of NAMES.entries()) {
      const names = {
        user: name,
        name,
        model: name,
        platform: null,
        registeredBy: 'password',
        pinAllowed: false,
      } as const
      const request = {
        ...names,
        deviceId: asHexId(idOf(i)),
        tag: 100 + i,
        secret: secrets[i] as (typeof secrets)[number],
        newUserId: asHexId(idOf(i)),
      }
      await desk.commit(async (_, now) => decideInvite(null, request, { now, operator: me }))
    }
    const second = async (records: { device(id: string): Promise<Device | null> }) =>
      (await records.device(idOf(1))) as Device
    await desk.commit(async (records, now) => decideBlock(await second(records), WORST, { now, operator: me }))
  })
  const cells = NAMES.slice(0, 50).map((name) => `"${name.replaceAll('"', '""')}"`)
  writeFileSync(join(bench.home, 'devices.csv'), `user,name\n${cells.map((cell) => `${cell},${cell}\n`).join('')}`)
  writeFileSync(join(bench.home, 'users.csv'), `user\n${cells.join('\n')}\n`)
  writeFileSync(join(bench.home, 'wording.txt'), `Subject: ${WORST}\n\n{{confirmationCode}}\n`)
  const code = deriveResetCode(secrets[0] as (typeof secrets)[number], {
    id: Buffer.from(idOf(0), 'hex'),
    tag: 100,
    epoch: 0,
  })
  return { id: idOf(0), code, file: (name) => join(bench.home, name) }
}

it('the table names every command, and no other', async () => {
  const program = await openProgram(fakeContext(), () => true)
  expect(Object.keys(LINES).sort()).toEqual(leaves('', program).sort())
})

const FORMS: readonly (readonly [terminal: boolean, ...json: string[]])[] = [
  [true],
  [false],
  [true, '--json'],
  [false, '--json'],
]

/** Runs a command and asserts that its output is harmless. Returns stdout and stderr. */
async function runWithout(
  bench: Bench,
  command: string,
  args: readonly string[],
  form: (typeof FORMS)[number],
): Promise<string[]> {
  const [terminal, ...json] = form
  const argv = [...command.split(' '), ...args, '--no-input', ...json]
  const { exit, out, err } = await run(bench, argv, { terminal, env: { NO_COLOR: '1' }, columns: 1_000 })
  // Exit 1 is an internal error, and no name may cause one.
  expect([argv, exit === 1 ? err : null]).toEqual([argv, null])
  const pattern = terminal && !args.includes('--csv') ? OBEYED : LAID_OUT
  expect([argv, excerpt(out, pattern), excerpt(err, PROGRESS.includes(command) ? DRAWN_OVER : OBEYED)]).toEqual([
    argv,
    null,
    null,
  ])
  return [out, err]
}

describe('every command', () => {
  let bench: Bench
  let aim: Aim
  beforeAll(async () => {
    bench = await createHostileDesk(WORST)
    aim = await fill(bench)
  })

  it.each(Object.entries(LINES))('keydesk %s prints no hostile name raw', async (command, lines) => {
    const said: string[] = []
    for (const args of lines(aim))
      for (const form of FORMS) said.push(...(await runWithout(bench, command, args, form)))
    // The name is that of the operator, so `lock` has locked this desk.
    if (command === 'lock') await unlockHostile(bench)
    if (SHOWING.includes(command)) expect(said.some((text) => SHOWN.test(text))).toBe(true)
  })

  it.each(FORMS.map((form) => ({ form })))('unlock, lock and status print no name raw, $form', async ({ form }) => {
    const [terminal, ...json] = form
    const options = { terminal, env: { NO_COLOR: '1' }, columns: 1_000, input: `${PASSPHRASE}\n` }
    for (const argv of [['unlock', '--passphrase-file', '-'], ['lock'], ['status'], ['device', 'list', '--no-input']]) {
      const { out, err } = await run(bench, [...argv, ...json], options)
      expect([argv, excerpt(out, terminal ? OBEYED : LAID_OUT), excerpt(err, OBEYED)]).toEqual([argv, null, null])
      expect([argv, SHOWN.test(`${out}${err}`)]).toEqual([argv, true])
    }
    await unlockHostile(bench)
  })

  it('the audit log and the lists name the hostile operator, but not raw', async () => {
    const entries = JSON.parse((await run(bench, ['audit', 'list', '--json'])).out) as { operator: string }[]
    expect(new Set(entries.map(({ operator }) => operator))).toEqual(new Set([WORST]))
    for (const line of ['operator list', 'store info', 'audit list', `device show ${aim.id}`]) {
      const { exit, out } = await run(bench, line.split(' '), { terminal: true, env: { NO_COLOR: '1' } })
      expect([line, exit, excerpt(out, OBEYED), SHOWN.test(out)]).toEqual([line, 0, null, true])
    }
  })

  it.each(['device list', 'audit export'])(
    '%s --csv has as many lines as rows, and no cell starts a formula',
    async (command) => {
      const rows = (await run(bench, [...command.split(' '), '--ndjson'])).out.split('\n').length
      const { out } = await run(bench, [...command.split(' '), '--csv'])
      expect(rows).toBeGreaterThan(COUNT)
      expect(out.split('\r\n')).toHaveLength(rows + 1)
      expect(readCells(out).filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([])
    },
  )

  it('a mail has only the headers of a mail, and none from a name', async () => {
    const lines = readFileSync(aim.file('totp.eml'), 'latin1').split('\r\n')
    const head = lines.slice(0, lines.indexOf(''))
    for (const line of head) expect(line).toMatch(/^(?:[A-Z][\w-]*: |[ \t])[ -~]*$/)
    expect(head.filter((line) => /^Bcc/i.test(line))).toEqual([])
    expect(head.filter((line) => /^Subject:/.test(line))).toHaveLength(1)
  })
})
