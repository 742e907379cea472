/**
 * Guards that no secret is where it does not belong. The real programs play a whole call. The test then searches for
 * the passphrase, the device secret, the codes and the passwords: in argv and environ of every process, in stderr, in
 * the audit log, and in every file.
 */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE, type Phone } from '../commands/bench.ts'
import {
  createMachine,
  type Ended,
  findProcesses,
  inviteRealPhone,
  KEYDESK,
  KEYDESK_DEVICE,
  type Process,
  type StartOptions,
  start,
  waitFor,
} from './programs.ts'

const OLD_PASSWORD = 'Summer rain 2025'
const NEW_PASSWORD = 'Autumn wind 2026'
const WRONG_PASSPHRASE = 'incorrect horse battery staple'
/** Variables that a user's shell may have. The agent must not get them. */
const SHELL = { SHELL_CANARY: 'c7f1e2d3', NODE_OPTIONS: '--max-old-space-size=512' }

describe.skipIf(process.platform !== 'linux')('a secret', () => {
  const machine = createMachine()
  const seen: Process[] = []
  const said: Ended[] = []
  let phone: Phone
  let agent: Process

  /** Runs a program to its end, and looks at the processes of the machine as long as it runs. */
  async function play(program: string, argv: readonly string[], options: StartOptions = {}): Promise<string> {
    const child: ChildProcess = start(machine, [program, ...argv], { ...options, env: { ...SHELL, ...options.env } })
    const ended = waitFor(child)
    let alive = true
    void ended.then(() => {
      alive = false
    })
    while (alive) {
      seen.push(...findProcesses(machine))
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
    said.push(await ended)
    return (await ended).out.trim()
  }

  beforeAll(async () => {
    const keep = machine.keep
    const passphrase = keep('passphrase', PASSPHRASE)
    const env = { KEYDESK_PASSPHRASE_FILE: passphrase }
    await play(KEYDESK, ['init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', passphrase])
    await play(KEYDESK, ['unlock', '--passphrase-file', keep('wrong', WRONG_PASSPHRASE)])
    await play(KEYDESK, ['unlock'], { env })
    phone = await inviteRealPhone(machine)
    const invited = await play(KEYDESK, ['device', 'invite', '--user', 'zoe@example.ch', '--json'])
    const { invitation, enrolmentCode } = JSON.parse(invited) as { invitation: string; enrolmentCode: string }
    const device = ['--state', join(machine.home, 'phone')]
    const files = ['--code-file', keep('code', enrolmentCode), '--password-file', keep('old', OLD_PASSWORD)]
    await play(KEYDESK_DEVICE, [...device, 'enroll', invitation, ...files])
    await play(KEYDESK_DEVICE, [...device, 'lock'])
    const code = await play(KEYDESK_DEVICE, [...device, 'forgot'])
    const answer = await play(KEYDESK, ['reset', 'confirm', code, '--verified-by', 'callback', '--ticket', 'HD-1'])
    const fresh = keep('new', NEW_PASSWORD)
    await play(KEYDESK_DEVICE, [...device, 'confirm', '-', '--new-password-file', fresh], { input: answer })
    await play(KEYDESK_DEVICE, [...device, 'lock'])
    // Failures must print no secret either: codes of another kind, and a wrong passphrase.
    await play(KEYDESK, ['reset', 'confirm', phone.resetCode(0), '--verified-by', 'callback'])
    for (const secret of [answer, enrolmentCode]) await play(KEYDESK, ['reset', 'confirm', '-'], { input: secret })
    await play(KEYDESK, ['device', 'list', '--passphrase-file', '-'], { input: WRONG_PASSPHRASE })
    agent = findProcesses(machine).find(({ argv }) => argv.includes('__agent')) as Process
    secrets.push(['the enrolment code', enrolmentCode], ['the confirmation code', answer])
    secrets.push(
      ['another enrolment code', phone.enrolmentCode],
      ['another confirmation code', phone.confirmationCode(0)],
    )
    for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
      secrets.push([`the device secret in ${form}`, Buffer.from(phone.secret).toString(form)])
    }
  })

  const secrets: [string, string][] = [
    ['the passphrase', PASSPHRASE],
    ['a wrong passphrase', WRONG_PASSPHRASE],
    ['the old password', OLD_PASSWORD],
    ['the new password', NEW_PASSWORD],
  ]

  /** The names of the secrets that the text contains, with or without hyphens. */
  function findSecrets(text: string): string[] {
    const bare = text.replaceAll('-', '')
    return secrets
      .filter(([, secret]) => text.includes(secret) || bare.includes(secret.replaceAll('-', '')))
      .map(([name]) => name)
  }

  it('would be found by this search', () => {
    for (const [name, secret] of secrets) expect(findSecrets(`x${secret}x`), name).toContain(name)
    expect(said.map(({ exit }) => exit)).toEqual([0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 5])
    expect(seen.length).toBeGreaterThan(said.length)
  })

  it('is in no argv or environ of any process', () => {
    for (const { argv, environ } of seen) expect(findSecrets(argv + environ)).toEqual([])
  })

  it('is not in stderr', () => {
    expect(findSecrets(said.map(({ err }) => err).join('\n'))).toEqual([])
  })

  it('is not in the audit log', async () => {
    const record = await play(KEYDESK, ['audit', 'list', '--json'])
    expect(JSON.parse(record).length).toBeGreaterThan(4)
    expect(findSecrets(record)).toEqual([])
  })

  it('is in no file of the home: store, config, agent and device', () => {
    const files = readdirSync(machine.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    expect(files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['desk.keydesk', 'workstation.keydesk', 'device.json']),
    )
    for (const { parentPath, name } of files)
      expect(findSecrets(readFileSync(join(parentPath, name), 'latin1')), name).toEqual([])
  })

  it('is not passed to the agent: it gets no argument, no variables except places, and no directory', () => {
    expect(agent.argv).toBe(`${process.execPath}\0--max-semi-space-size=8\0${KEYDESK}\0__agent\0`)
    expect(agent.environ).not.toMatch(/KEYDESK_|SHELL_CANARY|NODE_OPTIONS/)
    expect(readlinkSync(`/proc/${agent.pid}/cwd`)).toBe('/')
    const streams = [0, 1, 2].map((fd) => readlinkSync(`/proc/${agent.pid}/fd/${fd}`))
    expect(streams).toEqual(['/dev/null', expect.stringMatching(/^(pipe|socket):/), '/dev/null'])
  })
})
