/**
 * The encrypted database.
 * - It opens only unchanged, under its own key and for its own device.
 * - No two writes share a nonce.
 */
import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { checkSetting, openDatabase, sealDatabase } from '../../src/device/settings.ts'
import { type Bench, createLocked, expectOk, PASSWORD, readAllFiles, readJson, run, withPassword } from './bench.ts'

const bytes = (count: number): Uint8Array => new Uint8Array(randomBytes(count))
const dbk = bytes(32)
const id = bytes(16)
const database = {
  secret: asDeviceSecret(bytes(32)),
  settings: new Map([
    ['b', '2'],
    ['__proto__', '\0 €'],
    ['a', ''],
  ]),
}
const sealed = sealDatabase(dbk, database, { id, nonce: bytes(24) })

describe('the settings database', () => {
  it('opens under its own key', () => {
    expect(openDatabase(dbk, sealed, id)).toEqual(database)
  })

  it('opens under no other key and for no other device', () => {
    expect(openDatabase(bytes(32), sealed, id)).toBeNull()
    expect(openDatabase(dbk, sealed, bytes(16))).toBeNull()
  })

  it('does not open with one changed bit, or cut short', () => {
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed)
      changed[at] = (changed[at] as number) ^ (1 << (at % 8))
      expect(openDatabase(dbk, changed, id), `byte ${at}`).toBeNull()
      expect(openDatabase(dbk, sealed.subarray(0, at), id)).toBeNull()
    }
  })

  it('reveals none of its content', () => {
    const text = Buffer.from(sealed).toString('latin1')
    for (const word of ['secret', 'settings', '__proto__', '€']) expect(text).not.toContain(word)
  })

  it('takes a fresh nonce for every write', async () => {
    const bench = await createLocked()
    const nonces = new Set<string>()
    for (let i = 0; i < 5; i++) {
      await expectOk(bench, ['put', 'same', 'value', ...withPassword(bench)])
      nonces.add((readAllFiles(bench).get('settings.sealed') as Buffer).subarray(1, 25).toString('hex'))
    }
    expect(nonces.size).toBe(5)
  })

  it('refuses a setting that it cannot store, and says why', () => {
    const limit = 65_536
    expect(checkSetting('key', 'x'.repeat(limit), new Map())).toBeNull()
    expect(checkSetting('key', 'x'.repeat(limit + 1), new Map())).toContain('at most 65536 bytes')
    expect(checkSetting('', 'x', new Map())).toContain('a key is')
    expect(checkSetting('k'.repeat(257), 'x', new Map())).toContain('a key is')
    expect(checkSetting('a\nb', 'x', new Map())).toContain('a key is')
    expect(checkSetting('key', '\ud800', new Map())).toContain('Unicode')
    const full = new Map(Array.from({ length: 63 }, (_, i) => [`k${i}`, 'x'.repeat(limit)]))
    expect(checkSetting('key', 'x'.repeat(limit), full)).toContain('holds at most')
    expect(checkSetting('k1', 'y'.repeat(limit), full)).toBeNull()
  })

  it('stores any text: from stdin, long, with many lines; a key is found in any normal form', async () => {
    const bench = await createLocked()
    const long = `${'line of text with ünïcödé 🐦\n'.repeat(1500)}end`
    await expectOk(bench, ['put', 'cafe\u0301', '-', ...withPassword(bench)], { input: `${long}\n` })
    expect(await expectOk(bench, ['get', 'caf\u00e9', ...withPassword(bench)])).toBe(`${long}\n`)
    expect((await run(bench, ['put', 'a\tb', 'x', ...withPassword(bench)])).exit).toBe(2)
    expect((await run(bench, ['put', 'big', 'x'.repeat(65_537), ...withPassword(bench)])).exit).toBe(2)
  })
})

describe('settings', () => {
  let bench: Bench
  beforeEach(async () => {
    bench = await createLocked()
  })

  it('are listed by key, and read one by one', async () => {
    await expectOk(bench, ['put', 'account', 'zoë', ...withPassword(bench)])
    expect(await expectOk(bench, ['list', ...withPassword(bench)])).toBe('account\nmail.server\n')
    expect(JSON.parse(await expectOk(bench, ['list', '--json', ...withPassword(bench)]))).toEqual([
      { key: 'account', bytes: 4 },
      { key: 'mail.server', bytes: 15 },
    ])
    expect(await expectOk(bench, ['list', '--ndjson', ...withPassword(bench)])).toBe(
      '{"key":"account","bytes":4}\n{"key":"mail.server","bytes":15}\n',
    )
    expect(await readJson(bench, ['get', 'account', ...withPassword(bench)])).toEqual({ key: 'account', value: 'zoë' })
    expect((await run(bench, ['get', 'nothing', ...withPassword(bench)])).exit).toBe(7)
  })

  it('of a locked app are read with the password of one call, and not without it', async () => {
    expect(await expectOk(bench, ['get', 'mail.server', ...withPassword(bench)])).toBe('imap.example.ch\n')
    const { exit, out, err } = await run(bench, ['get', 'mail.server'])
    expect([exit, out, err]).toEqual([2, '', expect.stringContaining('--password-file')])
  })

  it('need no password while the app is open, but one that is given must be right', async () => {
    await expectOk(bench, ['open', ...withPassword(bench)])
    expect(await expectOk(bench, ['get', 'mail.server'])).toBe('imap.example.ch\n')
    expect(await expectOk(bench, ['open'])).toContain('open')
    expect(await expectOk(bench, ['open', ...withPassword(bench)])).toContain('open')
    expect((await run(bench, ['get', 'mail.server', ...withPassword(bench, 'not the password')])).exit).toBe(5)
  })

  it('take the password from stdin as one line', async () => {
    expect(
      await expectOk(bench, ['get', 'mail.server', '--password-file', '-'], { input: `${PASSWORD}\r\nmore\n` }),
    ).toBe('imap.example.ch\n')
    expect((await run(bench, ['put', 'a', '-', '--password-file', '-'], { input: PASSWORD })).exit).toBe(2)
    expect((await run(bench, ['get', 'mail.server', '--password-file', '-'])).exit).toBe(2)
    expect((await run(bench, ['get', 'mail.server', '--password-file', '/nowhere'])).exit).toBe(2)
  })
})
