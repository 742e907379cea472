/**
 * Guards mail drafts of codes and invitations: their content, their wording, and that nothing is committed if the draft
 * cannot be written.
 */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { readBody, readHeader, readMail } from '../mail/reader.ts'
import { type Bench, createDesk, expectOk, invitePhone, PASSPHRASE, type Phone, readJson, run } from './bench.ts'

const VERIFIED = ['--verified-by', 'callback']

describe('reset confirm --email', () => {
  let bench: Bench
  let phone: Phone
  beforeAll(async () => {
    bench = await createDesk()
    phone = await invitePhone(bench, 'zoe@example.ch', 'Zoë’s <b>phone</b>')
  })
  const confirm = (epoch: number, file: string, ...more: string[]) =>
    run(bench, ['reset', 'confirm', phone.resetCode(epoch), ...VERIFIED, '--email', join(bench.home, file), ...more])

  it('shows the code, and writes it into the draft as text and as HTML', async () => {
    const { exit, out } = await confirm(0, 'zoe.eml', '--json')
    expect(exit).toBe(0)
    const { confirmationCode, deskWords, draft } = JSON.parse(out)
    expect([confirmationCode, draft]).toEqual([phone.confirmationCode(0), join(bench.home, 'zoe.eml')])
    const mail = readFileSync(draft, 'utf8')
    expect(readMail(mail).headers.map(([name]) => name)).toEqual([
      'X-Unsent',
      'To',
      'Subject',
      'MIME-Version',
      'Content-Type',
    ])
    expect(readHeader(mail, 'To')).toBe('zoe@example.ch')
    expect(readHeader(mail, 'Subject')).toBe('Your confirmation code from Röntgen AG')
    expect(readBody(mail)).toContain(`\r\n\r\n    ${confirmationCode}\r\n\r\n`)
    for (const word of deskWords) expect(readBody(mail)).toContain(word)
    const page = readBody(mail, 'text/html')
    for (const group of confirmationCode.split('-')) expect(page).toContain(`>${group}</span>`)
    expect(page).toContain('Zoë’s &lt;b&gt;phone&lt;/b&gt;')
    expect(statSync(draft).mode & 0o777).toBe(0o600)
    expect(mail).not.toContain(confirmationCode)
  })

  it('writes HTML that loads nothing from anywhere, and sets no colour', () => {
    const page = readBody(readFileSync(join(bench.home, 'zoe.eml'), 'utf8'), 'text/html')
    expect(page).not.toMatch(/https?:|src=|href=|url\(|<script|<link|<img|color:|background/i)
    expect(page).toContain('content="light dark"')
  })

  it('writes in the preferred language, unless --language names another', async () => {
    await expectOk(bench, ['preferences', 'set', 'mail.language', 'de'])
    expect(await confirm(0, 'de.eml')).toMatchObject({ exit: 0 })
    expect(readHeader(readFileSync(join(bench.home, 'de.eml'), 'utf8'), 'Subject')).toBe(
      'Ihr Bestätigungscode von Röntgen AG',
    )
    expect(await confirm(0, 'en.eml', '--language', 'en')).toMatchObject({ exit: 0 })
    expect(readBody(readFileSync(join(bench.home, 'en.eml'), 'utf8'))).toMatch(/^Hello zoe@example.ch,/)
    await expectOk(bench, ['preferences', 'unset', 'mail.language'])
  })

  it('confirms nothing if the draft cannot be written', async () => {
    writeFileSync(join(bench.home, 'taken.eml'), 'mine')
    const before = await expectOk(bench, ['audit', 'list'])
    for (const file of ['taken.eml', 'nowhere/zoe.eml', 'zoe.txt']) {
      const { exit, out } = await confirm(1, file)
      expect([exit, out]).toEqual([file === 'zoe.txt' ? 2 : 6, ''])
    }
    expect(await expectOk(bench, ['audit', 'list'])).toBe(before)
    expect(readFileSync(join(bench.home, 'taken.eml'), 'utf8')).toBe('mine')
  })

  it('writes no draft if nothing is confirmed', async () => {
    const files = readdirSync(bench.home)
    expect(await confirm(7, 'old.eml', '--device', 'nobody')).toMatchObject({ exit: 7 })
    expect(
      await run(bench, ['reset', 'confirm', 'NBAJN-00737-8YWXP', '--email', join(bench.home, 'x.eml')]),
    ).toMatchObject({ out: '' })
    expect(readdirSync(bench.home)).toEqual(files)
  })

  it('asks for the passphrase once, if no operator is unlocked', async () => {
    await expectOk(bench, ['lock'])
    const argv = ['reset', 'confirm', phone.resetCode(1), ...VERIFIED, '--email', join(bench.home, 'once.eml')]
    const ended = await run(bench, argv, { terminal: true, answers: [PASSPHRASE], env: { NO_COLOR: '1' } })
    expect(ended).toMatchObject({ exit: 0, questions: ['Passphrase of anna'] })
    await expectOk(bench, ['unlock', '--for', '24h', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
  })
})

describe('device invite', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await createDesk()
  })
  const invite = (user: string, ...more: string[]) =>
    readJson<Record<string, string>>(bench, ['device', 'invite', '--user', user, ...more])

  it('writes the invitation and its picture into the draft with --email, but not the enrolment code', async () => {
    const file = join(bench.home, 'zoe.eml')
    const { invitation = '', enrolmentCode = '' } = await invite('zoe@example.ch', '--email', file)
    const mail = readFileSync(file, 'utf8')
    expect(readMail(mail).parts.map(({ type }) => type)).toEqual(['text/plain', 'text/html', 'image/png'])
    for (const type of ['text/plain', 'text/html']) {
      expect(readBody(mail, type)).toContain(invitation)
      expect(readBody(mail, type).replaceAll('-', '')).not.toContain(enrolmentCode.replaceAll('-', ''))
    }
  })

  it('writes the kind of picture that the file name says with --qr', async () => {
    for (const [name, begins] of [
      ['a.png', '\u0089PNG'],
      ['a.svg', '<svg'],
    ] as const) {
      const file = join(bench.home, name)
      expect(await invite('zoe@example.ch', '--qr', file)).toMatchObject({ file })
      expect(readFileSync(file, 'latin1').startsWith(begins)).toBe(true)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    }
  })

  it('invites no device if the file cannot be written', async () => {
    const before = await expectOk(bench, ['audit', 'list'])
    for (const [expected, ...more] of [
      [6, '--qr', join(bench.home, 'a.png')],
      [6, '--email', join(bench.home, 'zoe.eml')],
      [2, '--qr', join(bench.home, 'a.gif')],
      [2, '--email', join(bench.home, 'b.eml'), '--qr', join(bench.home, 'b.png')],
      [2, '--qr'],
    ] as const)
      expect((await run(bench, ['device', 'invite', '--user', 'max', ...more])).exit).toBe(expected)
    expect(await expectOk(bench, ['audit', 'list'])).toBe(before)
  })
})

describe('mail template', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await createDesk()
    const add = ['operator', 'add', '--name', 'bob', '--role', 'helpdesk', '--new-passphrase-file', '-']
    await expectOk(bench, add, { input: `${PASSPHRASE}\n` })
    await expectOk(bench, ['unlock', '--operator', 'bob', '--passphrase-file', '-'], { input: `${PASSPHRASE}\n` })
  })

  it('sets the wording of every operator’s mails, if an admin runs it', async () => {
    const wording =
      'Subject: {{organisation}}\r\n\r\n{{device}} & <{{user}}>\r\n\r\n{{confirmationCode}}\r\n\r\n{{ticket}}\r\n'
    await expectOk(bench, ['mail', 'template', 'set', 'confirm', '-', '--operator', 'anna'], { input: wording })
    const phone = await invitePhone(bench, 'zoe@example.ch', '{{user}}', ['--operator', 'anna'])
    const file = join(bench.home, 'zoe.eml')
    const argv = ['reset', 'confirm', phone.resetCode(), ...VERIFIED, '--operator', 'bob', '--ticket', 'HD-1']
    await expectOk(bench, [...argv, '--email', file])
    const mail = readFileSync(file, 'utf8')
    const code = phone.confirmationCode()
    expect(readHeader(mail, 'Subject')).toBe('Röntgen AG')
    expect(readBody(mail)).toBe(`{{user}} & <zoe@example.ch>\r\n\r\n    ${code}\r\n\r\nHD-1\r\n`)
    expect(readBody(mail, 'text/html')).toContain('<p>{{user}} &amp; &lt;zoe@example.ch&gt;</p>')
    const shown = await readJson<{ text: string }>(bench, ['mail', 'template', 'show', 'confirm', '--operator', 'bob'])
    expect(shown.text).toBe(wording.replaceAll('\r\n', '\n'))
    await expectOk(bench, ['mail', 'template', 'reset', 'confirm', '--operator', 'anna'])
    const own = await readJson<{ text: string }>(bench, ['mail', 'template', 'show', 'confirm', '--operator', 'bob'])
    expect(own.text).toMatch(/^Subject: Your confirmation code/)
  })

  it('refuses a wording with control characters', async () => {
    const input = 'Subject: a\n\n{{confirmationCode}}\u001b[2J\n'
    const argv = ['mail', 'template', 'set', 'confirm', '-', '--operator', 'anna']
    expect(await run(bench, argv, { input })).toMatchObject({ exit: 2, err: expect.stringContaining('line 3') })
  })
})
