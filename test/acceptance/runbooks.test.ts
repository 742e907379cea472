/**
 * Guards docs/runbooks:
 * - bash runs each script against the built programs, with the reference device on the other side.
 * - A test asserts what the script promises, and one way in which it is refused.
 * - The PowerShell scripts are only read: they must contain the same keydesk commands, with the same flags, in the same
 *   order.
 */
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeSpoken, encodeSpoken, type ResetCode } from '../../src/crypto/spoken.ts'
import { readBody } from '../mail/reader.ts'
import { expectOk, type Machine, run } from './programs.ts'
import {
  createDeskStation,
  createStation,
  enrol,
  expectDevice,
  inviteAndEnrol,
  isThereIn,
  opens,
  RUNBOOKS,
  runBook,
} from './runbook.ts'

const LIMIT_MS = 120_000
const audit = (machine: Machine, ...more: string[]) => expectOk(machine, ['audit', 'list', ...more])
const read = ({ home }: Machine, name: string) => readFileSync(join(home, name), 'utf8')
const write = ({ home }: Machine, name: string, text: string) => writeFileSync(join(home, name), text, { mode: 0o600 })
/** The code with another symbol at its end. */
const misheard = (code: string) => code.slice(0, -1) + (code.endsWith('7') ? 'W' : '7')

/** A code with the same tag and epoch, another MAC, and valid check symbols. */
function forge(code: string): string {
  const data = decodeSpoken(code as ResetCode)
  return encodeSpoken([...data.slice(0, -1), (data.at(-1) as number) ^ 1], 'reset')
}

describe('a call, a fleet, a batch and a lost phone', () => {
  let machine: Machine
  beforeAll(async () => {
    machine = await createDeskStation()
  }, LIMIT_MS)

  it(
    'reset-call asks again for a misheard code, opens the app, and records how the call ended',
    async () => {
      await inviteAndEnrol(machine, 'phone', 'zoe@example.ch')
      const code = await expectDevice(machine, 'phone', 'forgot')
      // The first code is too short. The second has a wrong symbol, which is found at the confirmation at the latest.
      // The third is right.
      const typed = [code.slice(1), misheard(code), 'callback', code, 'by-the-voice', 'callback', 'fine', 'opened']
      const { exit, out, err } = await runBook(machine, 'reset-call', ['HD-1'], typed)
      expect([exit, err]).toEqual([0, expect.stringMatching(/Misheard(.|\n)*one symbol is wrong: group 3, symbol 5/)])
      expect(out).toMatch(/^Say first {2}[a-z]+ [a-z]+$/m)
      const confirmation = /^[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}$/m.exec(out)?.[0] ?? ''
      expect(await opens(machine, 'phone', confirmation)).toBe(true)
      const record = await audit(machine, '--action', 'reset.')
      expect(record).toMatch(/reset\.confirm\t.*\tok\t.*verified by callback, ticket HD-1\n.*reset\.outcome\t.*opened/)
      // No device ever showed this code: the script asks nothing more, and nothing is confirmed.
      const forged = await runBook(machine, 'reset-call', ['HD-1'], [forge(code), 'callback', 'opened'])
      expect([forged.exit, forged.out]).toEqual([4, ''])
    },
    LIMIT_MS,
  )

  it(
    'reset-call stops at an empty line before anything is confirmed, and adds an audit entry',
    async () => {
      await inviteAndEnrol(machine, 'tablet', 'max@example.ch')
      const code = await expectDevice(machine, 'tablet', 'forgot')
      const { exit, out } = await runBook(machine, 'reset-call', ['HD-2'], [code, ''])
      expect(exit).toBe(6)
      expect(out).not.toMatch(/^[0-9A-Z]{5}-/m)
      const record = await audit(machine, '--device', 'tablet', '--action', 'reset.')
      expect(record).toMatch(/^\d+\t.*reset\.outcome\t.*aborted.*HD-2\n$/)
      expect((await runBook(machine, 'reset-call', ['HD-2'], [])).exit).toBe(130)
    },
    LIMIT_MS,
  )

  it(
    'enrol-many plans, imports, pushes and deletes; a failed push keeps the file and can be repeated',
    async () => {
      write(machine, 'users.csv', 'User,roles\numa@example.ch,none\nvic@example.ch,reset-secure-apps-passcode\n')
      write(machine, 'devices.csv', 'User,Device name,Platform\numa@example.ch,U1,iOS\nvic@example.ch,V1,Android\n')
      const plan = await runBook(machine, 'enrol-many', ['plan', 'users.csv', 'devices.csv'])
      expect([plan.exit, plan.out]).toEqual([0, expect.stringContaining('2 added with 2 new users')])
      expect((await run(machine, ['device', 'show', 'U1'])).exit).toBe(7)

      write(machine, 'push.sh', 'cp "$1" pushed.csv 2>/dev/null && test ! -e offline\n')
      write(machine, 'offline', '')
      const all = ['run', 'users.csv', 'devices.csv', 'out.csv', 'sh', 'push.sh']
      const failed = await runBook(machine, 'enrol-many', all)
      expect([failed.exit, isThereIn(machine, 'out.csv')]).toEqual([1, true])
      expect(statSync(join(machine.home, 'out.csv')).mode & 0o777).toBe(0o600)
      rmSync(join(machine.home, 'offline'))
      const pushed = await runBook(machine, 'enrol-many', all)
      expect([pushed.exit, isThereIn(machine, 'out.csv')]).toEqual([0, false])
      // The invitation that was pushed enrols a device.
      const line =
        read(machine, 'pushed.csv')
          .split('\n')
          .find((each) => each.includes('vic@')) ?? ''
      const [, , , , invitation = '', code = ''] = line.split(',')
      await enrol(machine, 'vics', invitation, code)
      const again = await runBook(machine, 'enrol-many', all)
      expect([again.exit, again.err]).toEqual([0, expect.stringContaining('nothing to push')])
    },
    LIMIT_MS,
  )

  it('enrol-many imports nothing if one line is refused, not even the users', async () => {
    write(machine, 'more-users.csv', 'User\nwim@example.ch\n')
    write(machine, 'bad.csv', 'User,Device name,Platform\nwim@example.ch,W1,Symbian\n')
    const ended = await runBook(machine, 'enrol-many', ['run', 'more-users.csv', 'bad.csv', 'o.csv', 'true'])
    expect([ended.exit, isThereIn(machine, 'o.csv')]).toEqual([8, false])
    expect((await run(machine, ['user', 'show', 'wim@example.ch'])).exit).toBe(7)
  })

  it(
    'confirm-many answers in order, and gives the exit code of the worst',
    async () => {
      const names = ['b1', 'b2']
      for (const name of names) await inviteAndEnrol(machine, name, `${name}@example.ch`)
      const codes = await Promise.all(names.map((name) => expectDevice(machine, name, 'forgot')))
      const args = ['manager', 'HD-3', 'answers.ndjson']
      const done = await runBook(machine, 'confirm-many', args, codes)
      expect([done.exit, done.out]).toEqual([0, ''])
      expect(statSync(join(machine.home, 'answers.ndjson')).mode & 0o777).toBe(0o600)
      const answers = read(machine, 'answers.ndjson')
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each))
      expect(answers.map(({ user }) => user)).toEqual(['b1@example.ch', 'b2@example.ch'])
      for (const [i, name] of names.entries())
        expect(await opens(machine, name, answers[i].confirmationCode)).toBe(true)
      // The script never overwrites existing answers.
      expect((await runBook(machine, 'confirm-many', args, codes)).exit).toBe(6)
      const next = await expectDevice(machine, 'b1', 'forgot')
      const mixed = await runBook(machine, 'confirm-many', ['manager', 'HD-3', 'more.ndjson'], [misheard(next), next])
      expect([mixed.exit, mixed.err]).toEqual([3, expect.stringContaining('1 of 2 were confirmed')])
    },
    LIMIT_MS,
  )

  it(
    'lost-phone blocks the device, ends the user’s app, and drafts an invitation without the enrolment code',
    async () => {
      const user = 'lea@example.ch'
      const { tag } = await inviteAndEnrol(machine, 'lost', user)
      await expectOk(machine, ['totp', 'enroll', user, '--qr', join(machine.home, 'lea.png')])
      const ended = await runBook(machine, 'lost-phone', [tag, 'left in a train', 'lea.eml', '--platform', 'ios'])
      expect([ended.exit, ended.err]).toEqual([0, expect.stringContaining(`keydesk device retire ${tag}`)])
      const code = await expectDevice(machine, 'lost', 'forgot')
      expect((await run(machine, ['reset', 'confirm', code, '--verified-by', 'callback'])).exit).toBe(6)
      expect(await expectOk(machine, ['totp', 'list'])).not.toContain(user)
      const mail = readBody(read(machine, 'lea.eml'))
      const enrolmentCode = ended.out.trim().split('\n').at(-1) ?? ''
      expect(mail).not.toContain(enrolmentCode)
      await enrol(machine, 'next', /keydesk:enrol\/\S+/.exec(mail)?.[0] ?? '', enrolmentCode)
      expect(await audit(machine, '--user', user)).toMatch(
        /device\.block.*left in a train(.|\n)*totp\.reset(.|\n)*device\.invite/,
      )
      // The script runs again: no device is invited twice.
      const again = await runBook(machine, 'lost-phone', [tag, 'left in a train', 'lea.eml'])
      expect([again.exit, again.err]).toEqual([0, expect.stringContaining('is not again')])
      expect((await runBook(machine, 'lost-phone', ['nobody’s', 'lost', 'x.eml'])).exit).toBe(7)
    },
    LIMIT_MS,
  )

  it(
    'employee-leaves removes everything of the user, can be repeated, and refuses an unknown name',
    async () => {
      const user = 'max@example.ch'
      await expectOk(machine, ['device', 'invite', '--user', user, '--name', 'second'])
      const left = await runBook(machine, 'employee-leaves', [user])
      expect([left.exit, left.out]).toEqual([0, expect.stringMatching(/user\.remove\tmax@example\.ch\tok/)])
      const states = (await expectOk(machine, ['device', 'list', '--user', user])).trim().split('\n')
      expect(states.map((line) => line.split('\t')[4])).toEqual(['retired', 'retired'])
      expect((await run(machine, ['user', 'show', user])).exit).toBe(7)
      expect((await runBook(machine, 'employee-leaves', [user])).exit).toBe(0)
      expect((await runBook(machine, 'employee-leaves', ['mad@example.ch'])).exit).toBe(7)
    },
    LIMIT_MS,
  )

  it(
    'each runbook stops if the desk is locked',
    async () => {
      await expectOk(machine, ['lock'])
      const books: [string, string[], string[]][] = [
        ['reset-call', ['HD-9'], ['5891S-00080-KTBVD']],
        ['lost-phone', ['lost', 'lost', 'y.eml'], []],
        ['employee-leaves', ['zoe@example.ch'], []],
        ['confirm-many', ['manager', 'HD-9', 'none.ndjson'], ['5891S-00080-KTBVD']],
        ['enrol-many', ['plan', 'users.csv', 'devices.csv'], []],
        ['pin-by-mail', ['zoe@example.ch', 'zoe.eml'], []],
        ['operator-gone', ['bob', 'case'], []],
        ['backup', [machine.home, machine.home], []],
      ]
      for (const [name, args, lines] of books) {
        const { exit, err } = await runBook(machine, name, args, lines)
        expect([name, exit, err]).toEqual([name, 5, expect.stringContaining('hint: keydesk unlock')])
      }
    },
    LIMIT_MS,
  )
})

describe('a PIN by mail', () => {
  const mails: string[] = []
  const server = new SMTPServer({
    ...{ logger: false, authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'] },
    onData(stream, _, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        mails.push(Buffer.concat(chunks).toString())
        done()
      })
    },
  })
  let machine: Machine
  const user = 'zoe@example.ch'
  const open = async (...keys: string[]) => {
    for (const key of keys) await expectOk(machine, ['policy', 'set', key, 'on'])
  }
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    machine = await createDeskStation()
    await inviteAndEnrol(machine, 'phone', user, '--platform', 'ios', '--registered-by', 'pin', '--allow-pin')
  }, LIMIT_MS)
  afterAll(() => void server.close())

  it(
    'pin-by-mail says what is missing, issues once, sends when it can, and its PIN opens the app',
    async () => {
      const missing = await runBook(machine, 'pin-by-mail', [user, 'pin.eml'])
      expect([missing.exit, missing.out]).toEqual([6, expect.stringContaining('keydesk user grant zoe@example.ch')])
      expect(isThereIn(machine, 'pin.eml')).toBe(false)

      await expectOk(machine, ['user', 'grant', user, 'reset-secure-apps-passcode'])
      await open('licence.docs', 'device.ios.passcodeRequired', 'device.ios.allowRecovery')
      const unsent = await runBook(machine, 'pin-by-mail', [user, 'pin.eml'])
      expect([unsent.exit, isThereIn(machine, 'pin.eml')]).toEqual([2, true])

      const { port } = server.server.address() as AddressInfo
      const settings = { host: 'localhost', port: `${port}`, security: 'none', from: 'desk@example.ch' }
      for (const [key, value] of Object.entries(settings))
        await expectOk(machine, ['preferences', 'set', `smtp.${key}`, value])
      const sent = await runBook(machine, 'pin-by-mail', [user, 'pin.eml'])
      expect([sent.exit, isThereIn(machine, 'pin.eml'), mails.length]).toEqual([0, false, 1])
      const pin = /\d{5}-\d{5}/.exec(readBody(mails[0] ?? ''))?.[0] ?? ''
      const password = machine.keep('new', 'Autumn wind 2026')
      await expectDevice(machine, 'phone', 'pin', user, pin, '--new-password-file', password)
      expect(await expectDevice(machine, 'phone', 'get', 'server')).toBe('files.example.ch')
      expect(`${unsent.out}${unsent.err}${sent.out}${sent.err}`).not.toContain(pin)
      expect((await audit(machine, '--action', 'pin.issue')).match(/\tok\t/g)).toHaveLength(1)
    },
    LIMIT_MS,
  )
})

describe('keys and disasters', () => {
  let machine: Machine
  let passphrase: Record<string, string>
  beforeAll(async () => {
    machine = await createDeskStation()
    passphrase = { KEYDESK_PASSPHRASE_FILE: machine.keep('passphrase', 'correct horse battery staple') }
    await inviteAndEnrol(machine, 'phone', 'zoe@example.ch')
    for (const name of ['backups', 'elsewhere']) mkdirSync(join(machine.home, name), { mode: 0o700 })
  }, LIMIT_MS)

  it(
    'backup and restore bring the desk to a new machine, and prove it against the checkpoint',
    async () => {
      await expectOk(machine, ['lock'])
      const made = await runBook(machine, 'backup', ['backups', 'elsewhere'], [], passphrase)
      expect(made.exit).toBe(0)
      const [backup = '', checkpoint = ''] = made.out.trim().split('\n')

      const spare = createStation()
      const config = join(spare.home, '.config/keydesk')
      const bring = (name: string) => copyFileSync(join(machine.home, name), join(spare.home, basename(name)))
      bring(backup)
      bring(checkpoint)
      const files = [basename(backup), basename(checkpoint)]
      // Without the config, nothing opens the backup.
      expect((await runBook(spare, 'restore', files, [], passphrase)).exit).toBe(7)
      mkdirSync(config, { recursive: true, mode: 0o700 })
      for (const name of globSync('*', { cwd: join(machine.home, '.config/keydesk') }))
        copyFileSync(join(machine.home, '.config/keydesk', name), join(config, name))
      const restored = await runBook(spare, 'restore', files, [], passphrase)
      expect([restored.exit, restored.out]).toEqual([0, expect.stringContaining('are those of the checkpoint')])
      const code = await expectDevice(machine, 'phone', 'forgot')
      const confirm = ['reset', 'confirm', code, '--verified-by', 'callback', '--operator', 'anna']
      const confirmation = await expectOk(spare, confirm, { env: passphrase })
      expect(await opens(machine, 'phone', confirmation.trim())).toBe(true)

      // A later checkpoint and a truncated backup are both detected.
      write(spare, 'later', await expectOk(spare, ['audit', 'checkpoint'], { env: passphrase }))
      expect((await runBook(spare, 'restore', [files[0] ?? '', 'later'], [], passphrase)).exit).toBe(8)
      const bytes = readFileSync(join(spare.home, files[0] ?? ''))
      writeFileSync(join(spare.home, 'half'), bytes.subarray(0, bytes.length / 2), { mode: 0o600 })
      expect((await runBook(spare, 'restore', ['half', files[1] ?? ''], [], passphrase)).exit).toBe(8)
    },
    LIMIT_MS,
  )

  it(
    'operator-gone makes the keys of the operator useless, and keeps their entries with proof',
    async () => {
      // Two operators use this workstation from now on.
      const anna = { ...passphrase, KEYDESK_OPERATOR: 'anna' }
      const mine = { env: anna }
      const secret = machine.keep('bobs', 'another horse and its staple')
      const add = ['operator', 'add', '--name', 'bob', '--role', 'helpdesk', '--new-passphrase-file', secret]
      await expectOk(machine, add, mine)
      const bob = ['--operator', 'bob', '--passphrase-file', secret]
      await expectOk(machine, ['device', 'block', 'phone', '--reason', 'a try', ...bob])

      const gone = await runBook(machine, 'operator-gone', ['bob', 'case'], [], anna)
      expect([gone.exit, gone.err]).toEqual([0, expect.stringContaining('open with the old keys')])
      expect((await run(machine, ['device', 'list', ...bob])).exit).toBe(6)
      const done = read(machine, 'case/done-by-them.ndjson')
        .trim()
        .split('\n')
        .map((each) => JSON.parse(each))
      expect(done.map(({ action }) => action)).toContain('device.block')
      for (const name of ['checkpoint', 'record.ndjson', 'before.keydesk', 'after.keydesk'])
        expect(isThereIn(machine, `case/${name}`)).toBe(true)

      const again = await runBook(machine, 'operator-gone', ['bob', 'case'], [], anna)
      expect(again.exit).toBe(0)
      expect(await expectOk(machine, ['audit', 'list', '--action', 'store.rekey'], mine)).toMatch(/\tok\t/)
      expect((await runBook(machine, 'operator-gone', ['bib', 'other'], [], anna)).exit).toBe(7)
    },
    LIMIT_MS,
  )
})

/** The commands of a script with their flags, in their order: `reset confirm --verified-by --ticket --spell`. */
function commandsOf(path: string): string[] {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|function desk|desk\(\))/.test(line))
  const found = lines.flatMap((line) => line.match(/(?<=^|[\s(])(?:desk|keydesk) [a-z][^;|)}>]*/g) ?? [])
  return found.map((line) =>
    line
      .split(/\s+/)
      .slice(1)
      .filter((word, i) => /^-/.test(word) || i < 2)
      .join(' '),
  )
}

describe('the PowerShell script', () => {
  const books = globSync('*.sh', { cwd: RUNBOOKS })
    .map((name) => basename(name, '.sh'))
    .sort()

  it('exists for each runbook, and for nothing else', () => {
    expect(
      globSync('*.ps1', { cwd: RUNBOOKS })
        .map((name) => basename(name, '.ps1'))
        .sort(),
    ).toEqual(books)
    expect(books).toHaveLength(9)
  })

  it.each(books)('%s runs the same commands in the same order', (name) => {
    const commands = commandsOf(join(RUNBOOKS, `${name}.sh`))
    expect(commands.length).toBeGreaterThan(0)
    expect(commandsOf(join(RUNBOOKS, `${name}.ps1`))).toEqual(commands)
  })

  it.each(books)('%s takes no secret as an argument, and lets keydesk ask nothing', (name) => {
    for (const ext of ['sh', 'ps1']) {
      const text = readFileSync(join(RUNBOOKS, `${name}.${ext}`), 'utf8')
      expect(text).toContain('keydesk --no-input')
      expect(text).not.toMatch(/--passphrase(?!-file)|\bjq\b/)
    }
  })
})
