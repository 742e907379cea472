/** Runs every example of every help text, on a desk where it can succeed. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll, describe, expect, it } from 'vitest'
import { renderMail } from '../../src/mail/message.ts'
import { main } from '../../src/program/keydesk.ts'
import { showCode } from '../authenticator.ts'
import { fakeContext } from '../fake-context.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  invitePhone,
  PASSPHRASE,
  readJson,
  run,
  runWithPerson,
  storeOf,
} from './bench.ts'
import { playScreen, type Turn } from './call/played-screen.ts'

const servers: SMTPServer[] = []
afterAll(() => servers.forEach((server) => void server.close()))

const COMMANDS = [
  '',
  'init',
  'unlock',
  'lock',
  'status',
  'device invite',
  'device import',
  'device list',
  'device show',
  'device block',
  'device unblock',
  'device retire',
  'device policy',
  'user add',
  'user import',
  'user list',
  'user show',
  'user remove',
  'user grant',
  'user revoke',
  'pin check',
  'pin issue',
  'pin redeem',
  'pin list',
  'pin revoke',
  'call',
  'reset check',
  'reset confirm',
  'reset outcome',
  'reset history',
  'totp enroll',
  'totp activate',
  'totp verify',
  'totp resync',
  'totp reset',
  'totp list',
  'operator list',
  'operator request',
  'operator role',
  'operator remove',
  'operator passphrase',
  'operator trust list',
  'operator trust revoke',
  'mail template show',
  'mail template set',
  'mail template reset',
  'mail send',
  'preferences show',
  'preferences set',
  'preferences unset',
  'policy show',
  'policy set',
  'audit list',
  'store rekey',
  'store backup',
  'store restore',
  'store accept',
  'audit verify',
  'audit checkpoint',
  'audit export',
  'store info',
  'store verify',
  'completion',
  'doctor',
]

async function readHelp(command: string): Promise<string> {
  const context = fakeContext()
  expect(await main([...command.split(' ').filter((word) => word !== ''), '--help'], context)).toBe(0)
  return context.stdout()
}

const findExamples = (help: string): string[] =>
  Array.from(help.matchAll(/^ {2}(?:code=\$\()?(keydesk .*?)\)?$/gm), ([, line]) => line as string)

/** Splits an example into words as a shell does, and inserts the codes of a phone that exists. */
function readExample(example: string, { code, key, trustId, pin, bench }: Prepared): string[] {
  const line = example
    .replace(/123 ?456/, showCode(key, bench.nowMs, example.includes('activate') ? 0 : 1))
    .replace('654321', showCode(key, bench.nowMs, 2))
    .replace('1f0c9a3e', trustId)
    .replace('NBAJN-00737-8YWXP', code)
    .replace('nbajn 00737 8ywxp', code.toLowerCase().replaceAll('-', ' '))
    .replace('NBAJN', code.slice(0, 5))
    .replace('35129-63739', pin)
  const words = Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => (quoted ?? bare) as string)
  // The files are in the bench's home. Its path may contain spaces, so the line is split first.
  return words
    .slice(1)
    .map((word) => word.replace('/mnt/backup', bench.home).replace(FILES, (file) => join(bench.home, file)))
}
/** Names of files in the examples. */
const FILES = /^((devices|users|invitations|codes)\.(csv|txt)|zoe\.(png|eml)|confirm\.txt|bob\.join)$/

type Prepared = {
  readonly bench: Bench
  readonly code: string
  readonly key: string
  readonly trustId: string
  readonly pin: string
}

/**
 * Prepares a bench on which the example can succeed: a desk with a phone, which is blocked if the example unblocks it.
 * For `init` there is no desk yet.
 */
async function prepare(example: string): Promise<Prepared> {
  if (example.includes('init')) return { bench: createWorkstation(), code: '', key: '', trustId: '', pin: '' }
  const bench = await createDesk()
  const ready = ['--registered-by', 'pin', '--allow-pin', '--platform', 'android']
  const phone = await invitePhone(bench, 'zoe@example.ch', 'phone', example.includes('keydesk pin') ? ready : [])
  if (example.includes('import')) {
    writeFileSync(join(bench.home, 'devices.csv'), 'user,Asset\nmax@example.ch,Tablet\n')
    writeFileSync(join(bench.home, 'users.csv'), 'user,reset-secure-apps-passcode\nmax@example.ch,yes\n')
  }
  if (example.includes('--batch')) writeFileSync(join(bench.home, 'codes.txt'), `${phone.resetCode()}\n`)
  if (example.includes('user remove')) await expectOk(bench, ['user', 'add', 'max@example.ch'])
  const pin = example.includes('keydesk pin') ? await issuePin(bench, phone.deviceId) : ''
  const backup = join(bench.home, 'desk-2026-03-02.keydesk')
  if (example.includes('restore')) await expectOk(bench, ['store', 'backup', backup])
  if (example.includes('accept')) await putBack(bench)
  if (/operator (role|remove)/.test(example)) await addBob(bench)
  if (example.includes('unblock')) await expectOk(bench, ['device', 'block', phone.deviceId])
  if (example.includes('confirm.txt'))
    writeFileSync(join(bench.home, 'confirm.txt'), 'Subject: a\n\n{{confirmationCode}}\n')
  if (example.includes('mail send')) await listenForMail(bench)
  const trustId = example.includes('trust revoke') ? await trustHere(bench) : ''
  const key = example.includes('totp') && !example.includes('enroll') ? await setUpApp(bench, example) : ''
  return { bench, code: phone.resetCode(), key, trustId, pin }
}

/** Adds a colleague with anna's passphrase. */
async function addBob(bench: Bench): Promise<void> {
  const add = ['operator', 'add', '--name', 'bob', '--role', 'helpdesk', '--new-passphrase-file', '-']
  await expectOk(bench, add, { input: `${PASSPHRASE}\n` })
}

/** Starts a mail server on this machine, and writes a draft to send with it. */
async function listenForMail(bench: Bench): Promise<void> {
  const server = new SMTPServer({ logger: false, disabledCommands: ['STARTTLS', 'AUTH'], authOptional: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  const { port } = server.server.address() as AddressInfo
  const settings = { host: 'localhost', port: `${port}`, from: 'desk@example.ch', security: 'none' }
  for (const [key, value] of Object.entries(settings))
    await expectOk(bench, ['preferences', 'set', `smtp.${key}`, value])
  writeFileSync(join(bench.home, 'zoe.eml'), renderMail({ to: 'zoe@example.ch', subject: 'a', text: 'b' }))
}

/** Enrols an app for zoe, and activates it unless the example does that. Returns its key. */
async function setUpApp(bench: Bench, example: string): Promise<string> {
  const { secret } = await readJson<{ secret: string }>(bench, ['totp', 'enroll', 'zoe@example.ch'])
  if (!example.includes('activate'))
    await expectOk(bench, ['totp', 'activate', 'zoe@example.ch', showCode(secret, bench.nowMs)])
  return secret
}

/** Puts the store back to its state of one entry ago. */
async function putBack(bench: Bench): Promise<void> {
  const before = readFileSync(storeOf(bench))
  await invitePhone(bench)
  writeFileSync(storeOf(bench), before)
}

/** Activates an app for anna, and trusts this workstation after one of its codes. Returns the id of that trust. */
async function trustHere(bench: Bench): Promise<string> {
  const { secret } = await readJson<{ secret: string }>(bench, ['totp', 'enroll', '--self'])
  await expectOk(bench, ['totp', 'activate', '--self', showCode(secret, bench.nowMs)])
  const unlock = ['unlock', '--trust', '--passphrase-file', '-', '--totp', showCode(secret, bench.nowMs, 1)]
  await expectOk(bench, unlock, { input: `${PASSPHRASE}\n` })
  return ((await readJson<{ trustId: string }[]>(bench, ['operator', 'trust', 'list']))[0] as { trustId: string })
    .trustId
}

/** Meets every prerequisite, and issues a PIN for the desk. Returns the PIN. */
async function issuePin(bench: Bench, deviceId: string): Promise<string> {
  await expectOk(bench, ['user', 'grant', 'zoe@example.ch', 'reset-secure-apps-passcode'])
  await expectOk(bench, ['device', 'policy', deviceId, 'licence.docs', 'on'])
  return (await expectOk(bench, ['pin', 'issue', 'zoe@example.ch', '--for', 'desk'])).trim()
}

/** Plays a short call: Ctrl-E ends it if the example names a device, else Esc leaves it. `call/` plays whole calls. */
function playCall(bench: Bench, example: string, words: readonly string[]) {
  const named: Turn[] = [
    ['nothing odd', '\u0005'],
    ['How it ended', '2'],
    ['q leave', 'q'],
  ]
  const screen = playScreen(example.includes('zoe') ? named : [['1 of 1 devices', '\u001b']])
  return run(bench, words, { terminal: true, env: { NO_COLOR: '1' }, screen, answers: ['/back'] })
}

describe.each(COMMANDS)('keydesk %s', (command) => {
  it('has examples that succeed', async () => {
    const examples = findExamples(await readHelp(command))
    expect(examples.length).toBeGreaterThan(0)
    for (const example of examples) {
      const prepared = await prepare(example)
      const { bench } = prepared
      const answers = /keydesk (init|unlock|operator (request|passphrase))/.test(example)
        ? [PASSPHRASE, PASSPHRASE, PASSPHRASE]
        : [true]
      const ended = example.includes('keydesk call')
        ? playCall(bench, example, readExample(example, prepared))
        : runWithPerson(bench, readExample(example, prepared), ...answers)
      expect(await ended, example).toMatchObject({ exit: 0 })
    }
  })
})
