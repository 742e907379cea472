/**
 * Guards the time between a commit and its output: a draft, a picture, a screen.
 * - Anything that can be checked before the commit is checked before it.
 * - The store is not used after the commit.
 * - If a step fails after the commit, the message says what is committed, and which command works next.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { inviteAgain } from '../../src/commands/device/invitation.ts'
import { withDesk } from '../../src/session/open.ts'
import { inShell } from '../fake-context.ts'
import { readBody } from '../mail/reader.ts'
import { type Bench, createDesk, expectOk, invitePhone, openContext, type Phone, run } from './bench.ts'
import { afterCommit, occupyStore } from './between.ts'

const CONFIRM = ['--verified-by', 'callback']
let bench: Bench
let phone: Phone
let epoch = 0
beforeAll(async () => {
  bench = await createDesk()
  const pinned = ['--registered-by', 'pin', '--platform', 'android']
  phone = await invitePhone(bench, 'zoe@example.ch', 'phone', pinned)
  await expectOk(bench, ['user', 'grant', 'zoe@example.ch', 'reset-secure-apps-passcode'])
  await expectOk(bench, ['device', 'policy', phone.deviceId, 'licence.docs', 'on'])
})

/** Commands that write into `file`. Each runs one minute after the one before: only one PIN can be issued a minute. */
const COMMANDS: Readonly<Record<string, (file: string) => string[]>> = {
  'pin issue --email': (file) => ['pin', 'issue', 'zoe@example.ch', '--for', 'desk', '--email', `${file}.eml`],
  'reset confirm --email': (file) => [
    ...['reset', 'confirm', phone.resetCode(++epoch), ...CONFIRM],
    ...['--email', `${file}.eml`],
  ],
  'device invite --email': (file) => ['device', 'invite', '--user', 'nina@example.ch', '--email', `${file}.eml`],
  'device invite --qr': (file) => ['device', 'invite', '--user', 'nina@example.ch', '--qr', `${file}.png`],
  'totp enroll --email': (file) => ['totp', 'enroll', 'zoe@example.ch', '--email', `${file}.eml`],
  'totp enroll --qr': (file) => ['totp', 'enroll', 'zoe@example.ch', '--qr', `${file}.svg`],
}
const NAMES = Object.keys(COMMANDS)

let files = 0
function draw(name: string, folder = bench.home) {
  bench.nowMs += 60_000
  const argv = COMMANDS[name]?.(join(folder, `file-${++files}`)) ?? []
  return { argv, path: argv.find((word) => word.startsWith(folder)) ?? '' }
}
const refusalOf = ({ err }: { err: string }) => JSON.parse(err.trim().split('\n').at(-1) ?? '').error

describe.each(NAMES)('%s', (name) => {
  it('does not need the store after its commit', async () => {
    const { argv, path } = draw(name)
    let release = () => {}
    const between = await afterCommit(bench, () => {
      release = occupyStore(bench)
    })
    const ended = await run(bench, argv)
    release()
    await between.leave()
    expect([between.happened(), ended.exit, ended.err.replace(/^(hint|the mail|say).*\n/gm, '')]).toEqual([true, 0, ''])
    expect(existsSync(path)).toBe(true)
  })

  it('says what is committed and what to do next, if the folder is gone after the commit', async () => {
    const folder = join(bench.home, `folder-${files}`)
    mkdirSync(folder)
    const { argv, path } = draw(name, folder)
    const between = await afterCommit(bench, () => rmSync(folder, { recursive: true }))
    const ended = await run(bench, [...argv, '--json'])
    await between.leave()
    const { exit, reason, message, hint } = refusalOf(ended)
    expect([between.happened(), ended.exit, exit, reason]).toEqual([true, 1, 1, 'draft-unfinished'])
    expect(message).toMatch(/^the (PIN|confirmation|device|app) is on record, but the file is not there: /)
    const command = /keydesk (.*)$/.exec(hint)?.[1]?.split(' ') ?? argv
    mkdirSync(folder)
    expect(await run(bench, [...command, '--json'])).toMatchObject({ exit: 0 })
    expect(command === argv).toBe(existsSync(path))
  })
})

describe('a confirmation whose mail could not be written', () => {
  const failing = async (argv: readonly string[]) => {
    const folder = join(bench.home, `folder-${++files}`)
    mkdirSync(folder)
    const between = await afterCommit(bench, () => rmSync(folder, { recursive: true }))
    const code = phone.confirmationCode(++epoch)
    const email = ['--email', join(folder, 'zoe.eml')]
    const ended = await run(bench, ['reset', 'confirm', phone.resetCode(epoch), ...CONFIRM, ...email, ...argv])
    await between.leave()
    return { ...ended, code }
  }

  it('shows the code all the same, even if policy allows no repeat', async () => {
    await expectOk(bench, ['policy', 'set', 'reset.repeatMinutes', '0'])
    const { exit, out, err, code } = await failing([])
    await expectOk(bench, ['policy', 'set', 'reset.repeatMinutes', '10'])
    expect([exit, out]).toEqual([1, `${code}\n`])
    expect(err).toMatch(
      /the confirmation is on record, but the file is not there: .*\nhint: the code is shown all the same/,
    )
    expect(err).not.toContain('the mail is in')
  })

  it('tells a script that there is no draft', async () => {
    const { out, code } = await failing(['--json'])
    expect(JSON.parse(out)).toMatchObject({ confirmationCode: code, draft: null })
  })
})

describe('a mail wording that cannot be used', () => {
  it.each(NAMES.filter((name) => name.endsWith('--email') && !name.startsWith('totp')))(
    'is refused before anything is committed: %s',
    async (name) => {
      const kind = { pin: 'pin-desk', reset: 'confirm', device: 'invite' }[name.split(' ')[0] as 'pin'] as string
      // Written without any check, as an older version might do.
      const set = (value: string) =>
        withDesk(openContext(bench), { input: false, color: true }, (desk) =>
          desk.commit(async () => ({
            entry: { action: 'mail.template', subject: null, outcome: 'ok', details: {} },
            changes: [{ put: 'policy', key: `mail.${kind}.en`, value }],
            answer: null,
          })),
        )
      await set('Subject: {{nobody}}\n\nhello')
      const { argv, path } = draw(name)
      const before = await expectOk(bench, ['audit', 'list'])
      const ended = await run(bench, [...argv, '--json'])
      expect([ended.exit, ended.out, refusalOf(ended).reason]).toEqual([6, '', 'unusable-template'])
      expect([await expectOk(bench, ['audit', 'list']), existsSync(path)]).toEqual([before, false])
      const next = /keydesk (.*)$/.exec(refusalOf(ended).hint)?.[1]?.split(' ') ?? []
      await expectOk(bench, next)
      await expectOk(bench, argv)
      expect(readBody(readFileSync(path, 'utf8'))).not.toBe('')
    },
  )
})

describe('a preferences file that is refused', () => {
  it.each([
    [
      'reset confirm',
      () => ['reset', 'confirm', phone.resetCode(++epoch), ...CONFIRM],
      () => phone.confirmationCode(epoch),
    ],
    ['pin issue', () => ['pin', 'issue', 'zoe@example.ch', '--for', 'desk'], () => 'Good until'],
  ])('does not hold back an answer that is committed: %s', async (_, argv, shown) => {
    bench.nowMs += 60_000
    await expectOk(bench, ['preferences', 'set', 'theme', 'dark'])
    const file = join(bench.home, '.config/keydesk/preferences.json')
    chmodSync(file, 0o622)
    const { exit, out, err } = await run(bench, argv(), { terminal: true, env: { NO_COLOR: '1' } })
    chmodSync(file, 0o600)
    expect([exit, out.includes(shown())]).toEqual([0, true])
    expect(err).toMatch(/warning: the preferred theme was not read: other users may write .*; chmod go-w /)
  })
})

describe('device invite --again', () => {
  it('commits nothing if the device was unblocked after it was read as blocked', async () => {
    const other = await invitePhone(bench, 'otto@example.ch', 'phone of otto')
    await expectOk(bench, ['device', 'block', other.deviceId, '--reason', 'lost'])
    const context = openContext(bench)
    const globals = { input: false, color: true } as const
    const invite = inviteAgain(context, { ...globals, again: other.deviceId, registeredBy: 'password' })
    let before = ''
    const work = withDesk(context, globals, (desk) =>
      invite({
        ...desk,
        async read(look) {
          const seen = await desk.read(look)
          await expectOk(bench, ['device', 'unblock', other.deviceId])
          before = await expectOk(bench, ['audit', 'list'])
          return seen
        },
      }),
    )
    await expect(work).rejects.toMatchObject({ refusal: { kind: 'busy', reason: 'store-changed' } })
    expect(await expectOk(bench, ['audit', 'list'])).toBe(before)
  })
})

describe('device import --provisioning', () => {
  const importing = async (between: (out: string) => void) => {
    const folder = join(bench.home, `folder-${++files}`)
    mkdirSync(folder)
    writeFileSync(join(folder, 'list.csv'), `user,name\nnew-${files}@example.ch,phone\n`)
    const out = join(folder, 'out.csv')
    const { leave } = await afterCommit(bench, () => between(out))
    const argv = ['device', 'import', join(folder, 'list.csv'), '--provisioning', out, '--json']
    const ended = await run(bench, argv)
    await leave()
    return { ...ended, out }
  }

  it('does not need the store after its commit', async () => {
    let release = () => {}
    const { exit, out } = await importing(() => {
      release = occupyStore(bench)
    })
    release()
    expect([exit, readFileSync(out, 'utf8').includes('keydesk:enrol/1/')]).toEqual([0, true])
  })

  it('leaves a file that took its name meanwhile, keeps its own file, and says where that is', async () => {
    const { exit, err, out } = await importing((path) => writeFileSync(path, 'of somebody else'))
    const { message, hint } = JSON.parse(err).error
    expect([exit, hint]).toEqual([1, `move it: mv ${inShell(`${out}.part`)} FILE`])
    expect(message).toBe(
      'it is on record, and the file that --provisioning names is whole, but could not be given its name (EEXIST)',
    )
    expect(readFileSync(out, 'utf8')).toBe('of somebody else')
    const [, line] = readFileSync(`${out}.part`, 'utf8').split('\n')
    expect(line).toMatch(/keydesk:enrol\/1\/.*,[0-9A-Z]{5}(-[0-9A-Z]{5}){2}/)
  })

  it('says what is committed and how to continue, if the folder is gone after the commit', async () => {
    const { exit, err, out } = await importing((path) => rmSync(dirname(path), { recursive: true }))
    expect([exit, existsSync(out), JSON.parse(err).error]).toMatchObject([
      ...[1, false],
      { reason: 'draft-unfinished', hint: 'invite each device again: keydesk device invite --again DEVICE' },
    ])
  })
})
