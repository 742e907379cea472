/**
 * Guards against hostile names: escape sequences, OSC 52 for the clipboard, bidi, newlines, ten thousand letters.
 * - Commands refuse them on entry.
 * - One may be in the store all the same, from an import or an older version. Then no output prints it raw: not on a
 *   terminal, not in a pipe, not in CSV or JSON, not in an error.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderWorded } from '../../src/console/mail-wording.ts'
import { asHexId } from '../../src/crypto/bytes.ts'
import { deriveResetCode } from '../../src/crypto/codes.ts'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { decideBlock, decideInvite } from '../../src/desk/device/decide.ts'
import { STANDARD_WORDINGS } from '../../src/desk/mail/wordings.ts'
import type { Device } from '../../src/desk/records/index.ts'
import { MAIL_KINDS, MAIL_LANGUAGES } from '../../src/desk/records/mail-kinds.ts'
import { withDesk } from '../../src/session/open.ts'
import { type Bench, createDesk, createWorkstation, invitePhone, openContext, run } from '../commands/bench.ts'
import { readBody, readHeader, readMail } from '../mail/reader.ts'
import { HOSTILE } from '../term/hostile.ts'

/** Characters that a terminal obeys or cannot show. Line ends and tabs are part of our own layout. */
const OBEYED = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u
const LAID_OUT = /[^\P{C}\n\r\t]|[\p{Zl}\p{Zp}]/u
const LONG = 'x'.repeat(10_000)
const CLIPBOARD = '\u001b]52;c;cm0gLXJmIC8=\u0007'
const WORST = `${CLIPBOARD}a\u202egnp.exe\nkeydesk: all is well\r\u0007\u009b2J\u2028=cmd|'/c calc'!A1`

describe('a hostile name on entry', () => {
  const dangerous = [...HOSTILE.filter((text) => OBEYED.test(text)), WORST, LONG, ' ', 'a\\u{1b}b']
  const fields: [string, (text: string) => string[]][] = [
    ['user', (text) => ['device', 'invite', '--user', text]],
    ['user without a device', (text) => ['user', 'add', text]],
    ['name', (text) => ['device', 'invite', '--user', 'zoe', '--name', text]],
    ['model', (text) => ['device', 'invite', '--user', 'zoe', '--model', text]],
    ['reason of a block', (text) => ['device', 'block', 'zoe', '--reason', text]],
    ['ticket', (text) => ['reset', 'confirm', 'NBAJN-00737-8YWXP', '--ticket', text]],
    ['reason of a repeat', (text) => ['reset', 'confirm', 'NBAJN-00737-8YWXP', '--reason', text]],
    ['organisation', (text) => ['init', '--operator', 'anna', '--org', text]],
    ['operator', (text) => ['init', '--org', 'Röntgen AG', '--operator', text]],
  ]

  it.each(fields)('is refused as a %s, and not repeated raw', async (_, argv) => {
    const bench = createWorkstation()
    for (const text of dangerous) {
      const { exit, out, err } = await run(bench, argv(text), { terminal: true })
      expect([exit, out], JSON.stringify(text)).toEqual([2, ''])
      expect(err).not.toMatch(OBEYED)
      expect(err.length).toBeLessThan(1_000)
    }
  })

  it('finds nothing as a search text, and is not printed raw', async () => {
    const bench = await createDesk()
    for (const text of dangerous) {
      for (const argv of [
        ['device', 'show', text],
        ['device', 'policy', text],
        ['user', 'show', text],
        ['user', 'grant', text, 'reset-secure-apps-passcode'],
        ['pin', 'check', text],
        ['pin', 'issue', text],
        ['pin', 'redeem', text, '12345-67890'],
        ['device', 'list', '--search', text],
        ['audit', 'list', '--device', text],
      ]) {
        const { exit, err } = await run(bench, argv, { terminal: true })
        expect([0, 2, 7]).toContain(exit)
        expect(err).not.toMatch(OBEYED)
      }
    }
  })
})

/** Puts a device with such names into the store past the commands, as an import might. Returns its reset code. */
async function inviteHostile(bench: Bench, deviceId: string, tag: number): Promise<string> {
  const context = openContext(bench)
  const secret = asDeviceSecret(context.random(32))
  const names = {
    user: WORST,
    name: WORST,
    model: WORST,
    platform: null,
    registeredBy: 'password',
    pinAllowed: false,
  } as const
  const request = { ...names, deviceId: asHexId(deviceId), tag, secret, newUserId: asHexId(deviceId) }
  await withDesk(context, { input: false, color: false }, (desk) =>
    desk.commit(async (_, now) => decideInvite(null, request, { now, operator: desk.me })),
  )
  return deriveResetCode(secret, { id: Buffer.from(deviceId, 'hex'), tag, epoch: 0 })
}

/** Blocks the device, for a reason that is as hostile. */
async function blockHostile(bench: Bench, deviceId: string): Promise<void> {
  await withDesk(openContext(bench), { input: false, color: false }, (desk) =>
    desk.commit(async (records, now) =>
      decideBlock((await records.device(deviceId)) as Device, WORST, { now, operator: desk.me }),
    ),
  )
}

/** A command that only reads is run in every form. A change is made once. */
function formsOf(line: string, exit: number): [terminal: boolean, ...json: string[]][] {
  if (exit === 0 && /block|retire/.test(line)) return [[true]]
  return /--ndjson|audit export/.test(line) ? [[true], [false]] : [[true], [false], [true, '--json'], [false, '--json']]
}

describe('a hostile name in a mail', () => {
  const html = ['<img src=x onerror=alert(1)>', '"><a href="http://evil.example">', '&lt;b&gt;', "' style='color:red"]
  const names = [...HOSTILE, ...html, WORST, '{{confirmationCode}}', '\r\n--keydesk-alternative\r\n', '<div style="x">']
  const kinds = MAIL_KINDS.flatMap((kind) => MAIL_LANGUAGES.map((language) => [kind, language] as const))

  it.each(kinds)('is only text in a mail of %s.%s', (kind, language) => {
    const wording = STANDARD_WORDINGS[`${kind}.${language}`]
    const draw = (name: string) => {
      const secret = { confirmationCode: 'C0DE0-C0DE0', invitation: 'inv', pin: '12345-67890' }
      const values = { user: name, device: name, deskWords: name, ticket: name, expiresAt: name, ...secret }
      return renderWorded({ kind, language, wording, organisation: name }, values)
    }
    const tagsOf = (mail: string) => readBody(mail, 'text/html').match(/<[^>]*>/g)
    const plain = draw('zoe')
    const title = (mail: string) => readBody(mail, 'text/html').match(/<title>/g)
    for (const name of names) {
      const mail = draw(name)
      expect(readMail(mail).headers.map(([header]) => header)).toEqual(
        readMail(plain).headers.map(([header]) => header),
      )
      expect(tagsOf(mail)).toEqual(tagsOf(plain))
      expect(title(mail)).toHaveLength(1)
      for (const part of readMail(mail).parts) expect(part.bytes.toString()).not.toMatch(LAID_OUT)
      expect(readHeader(mail, 'Subject')).not.toMatch(OBEYED)
    }
  })
})

describe('a hostile name in the store', async () => {
  const bench = await createDesk()
  const phone = await invitePhone(bench)
  const [open, blocked, other] = ['a', 'b', 'c'].map((digit) => digit.repeat(32)) as [string, string, string]
  const [code, blockedCode] = [await inviteHostile(bench, open, 11), await inviteHostile(bench, blocked, 12)]
  await inviteHostile(bench, other, 13)
  for (const id of [blocked, other]) await blockHostile(bench, id)

  it.each([
    ['device list', 0],
    ['device list --ndjson', 0],
    ['user list', 0],
    ['user list --ndjson', 0],
    [`device show ${open}`, 0],
    [`device show ${blocked}`, 0],
    ['device show gnp.exe', 2],
    [`reset check ${code}`, 0],
    [`reset confirm ${code}`, 0],
    [`reset confirm ${code} --device ${phone.deviceId}`, 4],
    [`reset confirm ${blockedCode}`, 6],
    [`reset history --device ${open}`, 0],
    ['audit list', 0],
    ['audit list --ndjson', 0],
    ['audit export', 0],
    [`device block ${other}`, 0],
    [`device unblock ${other}`, 0],
    [`device retire ${other} --yes`, 0],
    [`device retire ${other} --yes`, 6],
  ] as const)('is printed by %s, but not raw', async (line, expected) => {
    for (const [terminal, ...json] of formsOf(line, expected)) {
      const options = { terminal, env: { NO_COLOR: '1' }, columns: 1_000 }
      const { exit, out, err } = await run(bench, [...line.split(' '), ...json], options)
      expect(exit).toBe(expected)
      expect(out).not.toMatch(terminal ? OBEYED : LAID_OUT)
      expect(err).not.toMatch(OBEYED)
      expect(`${out}${err}`).toMatch(/u(\{202e\}|202e)|^[0-9A-Z-]{17}\n/)
    }
  })

  it('adds no header, part or tag to a mail', async () => {
    const file = join(bench.home, 'zoe.eml')
    expect(await run(bench, ['reset', 'confirm', code, '--email', file])).toMatchObject({ exit: 0 })
    const mail = readFileSync(file, 'utf8')
    expect(mail.replaceAll('\r\n', '')).toMatch(/^[\x20-\x7e]*$/)
    expect(readMail(mail).headers.map(([name]) => name)).toEqual([
      'X-Unsent',
      'Subject',
      'MIME-Version',
      'Content-Type',
    ])
    for (const type of ['text/plain', 'text/html']) {
      expect(readBody(mail, type)).not.toMatch(LAID_OUT)
      expect(readBody(mail, type)).toContain('u{202e}')
    }
  })

  it('is complete in JSON, where it is only escaped', async () => {
    const { out } = await run(bench, ['device', 'list', '--json'])
    const names = (JSON.parse(out) as { name: string }[]).map(({ name }) => name)
    expect(names.filter((name) => name === WORST)).toHaveLength(3)
  })

  it.each(['device list', 'audit export'])('starts no formula in the CSV of %s, and breaks no line', async (line) => {
    const plain = await run(bench, [...line.split(' '), '--ndjson'])
    const { out } = await run(bench, [...line.split(' '), '--csv'])
    expect(out.split('\r\n')).toHaveLength(plain.out.split('\n').length + 1)
    expect(out).not.toMatch(LAID_OUT)
    expect(out).not.toMatch(/(^|[,"])[=+@-]/m)
  })

  it('is not printed raw by audit list --follow', async () => {
    for (const terminal of [true, false]) {
      const { out } = await run(bench, ['audit', 'list', '--follow'], { terminal, env: { NO_COLOR: '1' } })
      expect(out).toContain('u{202e}')
      expect(out).not.toMatch(LAID_OUT)
    }
  })

  it('is in no command that an operator is told to type', async () => {
    for (const argv of [
      ['reset', 'confirm', blockedCode],
      ['reset', 'confirm', code, '--device', phone.deviceId],
    ]) {
      const { err } = await run(bench, argv)
      expect(err.split('\nhint: ')[1]).not.toContain('calc')
    }
  })
})
