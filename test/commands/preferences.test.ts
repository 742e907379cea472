/**
 * Guards preferences: they apply if the command line says nothing else, and a file with invalid values has no effect.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PREFERENCE_KEYS } from '../../src/console/preference-keys.ts'
import { type Bench, createDesk, createWorkstation, expectOk, invitePhone, type Phone, readJson, run } from './bench.ts'

const fileOf = ({ home }: Bench) => join(home, '.config/keydesk/preferences.json')
const set = (bench: Bench, key: string, value: string) => expectOk(bench, ['preferences', 'set', key, value])

describe('keydesk preferences', () => {
  it.each([
    ['theme', 'blue'],
    ['spelling', 'klingon'],
    ['device.platform', 'windows'],
    ['ticket.pattern', '(a+)+$'],
    ['mail.language', 'fr'],
    ['smtp.host', 'mail.example.ch\r\nX: y'],
    ['smtp.port', '0'],
    ['smtp.port', '65536'],
    ['smtp.security', 'off'],
    ['smtp.user', 'a\nb'],
    ['smtp.from', 'Anna <anna@example.ch>'],
    ['smtp.caFile', 'ca.pem'],
  ])('refuses to set %s to %j', async (key, value) => {
    const bench = createWorkstation()
    expect(await run(bench, ['preferences', 'set', key, value])).toMatchObject({ exit: 2, out: '' })
    expect(await readJson(bench, ['preferences', 'show'])).toContainEqual(expect.objectContaining({ key, value: null }))
  })

  it.each([
    ['theme', 'mono'],
    ['spelling', 'de-ch'],
    ['device.platform', 'android'],
    ['ticket.pattern', 'INC#######'],
    ['mail.language', 'de'],
    ['smtp.host', 'mail.example.ch'],
    ['smtp.port', '465'],
    ['smtp.security', 'tls'],
    ['smtp.user', 'anna'],
    ['smtp.from', 'anna@example.ch'],
    ['smtp.caFile', '/etc/ssl/ca.pem'],
  ])('keeps %s %j until it is unset', async (key, value) => {
    const bench = createWorkstation()
    await set(bench, key, value)
    expect(await readJson(bench, ['preferences', 'show'])).toContainEqual(expect.objectContaining({ key, value }))
    await expectOk(bench, ['preferences', 'unset', key])
    expect(await readJson(bench, ['preferences', 'show'])).toContainEqual(expect.objectContaining({ key, value: null }))
  })

  it('has no key for a password', () => {
    expect(PREFERENCE_KEYS.filter(({ key }) => /pass|secret|token/i.test(key))).toEqual([])
  })
})

describe('a command with preferences', () => {
  let bench: Bench
  let phone: Phone
  let epoch = 0
  beforeAll(async () => {
    bench = await createDesk()
    phone = await invitePhone(bench)
  })
  const confirm = (...more: string[]) =>
    run(bench, ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback', ...more], {
      terminal: true,
      env: { NO_COLOR: '1' },
    })

  it('spells in the preferred language, or in the one that --spell names', async () => {
    await set(bench, 'spelling', 'fr')
    expect((await confirm('--spell')).out).toMatch(/Anatole|Berthe|zéro|un|deux|trois|quatre|cinq/)
    expect((await confirm('--spell', 'nl')).out).toMatch(/nul|één|twee|drie|vier|vijf|zes|zeven|acht|negen/)
    expect((await confirm()).out).not.toMatch(/Anatole|nul|zéro/)
  })

  it('takes no ticket of another form, and adds no entry for it', async () => {
    await set(bench, 'ticket.pattern', 'INC#######')
    const before = await expectOk(bench, ['audit', 'list'])
    const { exit, out, err } = await confirm('--ticket', 'HD-4711')
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain('tickets here look like INC#######, and this one does not')
    expect(await expectOk(bench, ['audit', 'list'])).toBe(before)
    epoch = 1
    expect(await confirm('--ticket', 'INC0012345')).toMatchObject({ exit: 0 })
    epoch = 2
    expect(await confirm()).toMatchObject({ exit: 0 })
  })

  it('takes no such ticket for an outcome either, nor on a line of a batch, and answers the other lines', async () => {
    expect(await run(bench, ['reset', 'outcome', 'zoe', '--opened', '--ticket', 'HD-4711'])).toMatchObject({ exit: 2 })
    await expectOk(bench, ['reset', 'outcome', 'zoe', '--opened', '--ticket', 'INC0012345'])
    const batch = ['reset', 'confirm', '--batch', '-', '--verified-by', 'callback']
    const lines = [{ ticket: 'HD-4711' }, { ticket: 'INC0012345' }, {}]
    const input = lines.map((line) => `${JSON.stringify({ code: phone.resetCode(epoch), ...line })}\n`).join('')
    const { exit, out } = await run(bench, batch, { input })
    const results = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect([exit, results.map(({ error, ticket }) => error?.reason ?? ticket)]).toEqual([
      2,
      ['ticket-form', 'INC0012345', null],
    ])
    // A wrong ticket in the flags concerns all lines, so it is refused before any line is read.
    expect(await run(bench, [...batch, '--ticket', 'HD-4711'], { input })).toMatchObject({ exit: 2, out: '' })
  })

  it('ignores a preferences file with values that no key allows', async () => {
    const kept = readFileSync(fileOf(bench), 'utf8')
    for (const text of ['{"ticket.pattern":"(a+)+$","spelling":"../x","theme":"\\u001b[2J"}', 'no JSON']) {
      writeFileSync(fileOf(bench), text)
      expect(await confirm('--ticket', 'HD-4711', '--spell')).toMatchObject({ exit: 0 })
    }
    writeFileSync(fileOf(bench), kept)
  })

  it('invites for the preferred platform, unless --platform names another', async () => {
    await set(bench, 'device.platform', 'android')
    const platformOf = async (user: string, ...more: string[]) => {
      const { deviceId } = await readJson<{ deviceId: string }>(bench, ['device', 'invite', '--user', user, ...more])
      return (await readJson<{ platform: string }>(bench, ['device', 'show', deviceId])).platform
    }
    expect(await platformOf('max@example.ch')).toBe('android')
    expect(await platformOf('eva@example.ch', '--platform', 'ios')).toBe('ios')
  })

  it('has the colours of the preferred theme', async () => {
    const paintIn = async (theme: string) => {
      await set(bench, 'theme', theme)
      const argv = ['reset', 'confirm', phone.resetCode(epoch), '--verified-by', 'callback']
      return (await run(bench, argv, { terminal: true, env: { TERM: 'xterm-256color' } })).out
    }
    expect(await paintIn('dark')).toContain('\u001b[38;5;215m')
    expect(await paintIn('light')).toContain('\u001b[38;5;94m')
    const mono = await paintIn('mono')
    expect(mono).toContain('\u001b[1m')
    expect(mono).not.toContain('\u001b[38')
  })
})
