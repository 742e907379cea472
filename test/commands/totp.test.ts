/**
 * Guards the secret of an authenticator app:
 * - Only the operator who asked sees it, and only once.
 * - The store holds it sealed, and no audit entry holds it.
 * - A reset deletes it from the file.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { showCode } from '../authenticator.ts'
import { readBody, readMail } from '../mail/reader.ts'
import { type Bench, createDesk, expectOk, invitePhone, readJson, run, runWithPerson, storeOf } from './bench.ts'

const USER = 'zoe@example.ch'
type Enrolled = { readonly uri: string; readonly secret: string }

async function createUser(): Promise<Bench> {
  const bench = await createDesk()
  await invitePhone(bench, USER)
  return bench
}

/** The sealed secret of each `totp` row of the store's file; null for a row without one. */
async function readSecrets(bench: Bench): Promise<(Uint8Array | null)[]> {
  const engine = openSqlite(storeOf(bench), { uid: process.getuid?.() ?? null })
  const found = await engine.read(async (snapshot) => {
    const secrets: (Uint8Array | null)[] = []
    for await (const { secret } of snapshot.scanRows('totp')) secrets.push(secret)
    return secrets
  })
  await engine.close()
  return found
}

describe('the secret of an app', () => {
  it('is in the store sealed and in no entry; after a reset it is gone, and its codes are refused', async () => {
    const bench = await createUser()
    const { secret, uri } = await readJson<Enrolled>(bench, ['totp', 'enroll', USER])
    expect(uri).toContain(`secret=${secret}&`)
    expect(secret).toMatch(/^[A-Z2-7]{32}$/)
    const [sealed] = await readSecrets(bench)
    expect(sealed?.length).toBeGreaterThan(20)
    await expectOk(bench, ['totp', 'activate', USER, showCode(secret, bench.nowMs)])
    await expectOk(bench, ['totp', 'reset', USER, '--yes'])
    expect(await readSecrets(bench)).toEqual([null])
    const { exit, err } = await run(bench, ['totp', 'verify', USER, showCode(secret, bench.nowMs, 1)])
    expect([exit, err]).toEqual([6, expect.stringContaining('no authenticator app is set up')])
    const record = await expectOk(bench, ['audit', 'list', '--json'])
    for (const text of [secret, showCode(secret, bench.nowMs), showCode(secret, bench.nowMs, 1)])
      expect(record).not.toContain(text)
  })

  it('is shown on a screen as a QR code and as a key in groups of four; with --qr it is only in the file', async () => {
    const bench = await createUser()
    const { out } = await runWithPerson(bench, ['totp', 'enroll', USER])
    const [key = ''] = /^ {2}(([A-Z2-7]{4} ?){8})$/m.exec(out) ?? []
    expect(out).toContain('█')
    await expectOk(bench, ['totp', 'activate', USER, showCode(key.trim(), bench.nowMs)])
    await invitePhone(bench, 'max@example.ch')
    const file = join(bench.home, 'max.svg')
    const written = await runWithPerson(bench, ['totp', 'enroll', 'max@example.ch', '--qr', file])
    expect(written.out).toBe(`Wrote ${file}.\n`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('is not drawn if it cannot be shown or written, and a refused command leaves no file', async () => {
    const bench = await createUser()
    const file = join(bench.home, 'nobody.png')
    expect(await run(bench, ['totp', 'enroll', USER])).toMatchObject({ exit: 2, out: '' })
    expect(await run(bench, ['totp', 'enroll', 'nobody', '--qr', file])).toMatchObject({ exit: 7, out: '' })
    expect(existsSync(file)).toBe(false)
    writeFileSync(file, 'mine')
    expect(await run(bench, ['totp', 'enroll', USER, '--qr', file])).toMatchObject({ exit: 6 })
    expect(readFileSync(file, 'utf8')).toBe('mine')
    expect(await readSecrets(bench)).toEqual([])
  })
})

describe('a mail draft', () => {
  it('is addressed to the user, and holds picture and key; stdout holds neither', async () => {
    const bench = await createUser()
    const file = join(bench.home, 'zoe.eml')
    const out = await expectOk(bench, ['totp', 'enroll', USER, '--email', file, '--json'])
    expect(out).not.toMatch(/otpauth|secret/)
    const mail = readFileSync(file, 'utf8')
    const { headers, parts } = readMail(mail)
    expect(headers).toEqual([
      ['X-Unsent', '1'],
      ['To', USER],
      ['Subject', 'Your authenticator app for the helpdesk'],
      ['MIME-Version', '1.0'],
      ['Content-Type', 'multipart/mixed; boundary="keydesk-mixed"'],
    ])
    const letter = readBody(mail)
    expect(letter).toContain('helpdesk of Röntgen AG')
    const [key = ''] = /([A-Z2-7]{4} ){7}[A-Z2-7]{4}/.exec(letter) ?? []
    await expectOk(bench, ['totp', 'activate', USER, showCode(key, bench.nowMs)])
    expect(parts[1]?.bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(mail.split('\r\n').every((line) => line.length <= 120)).toBe(true)
    expect(mail.replaceAll('\r\n', '')).not.toMatch(/[\r\n]|[^\x20-\x7e]/)
  })

  it('has no recipient if the user name is no mail address', async () => {
    const bench = await createDesk()
    await invitePhone(bench, 'Zoë <zoe@example.ch>')
    const file = join(bench.home, 'zoe.eml')
    await expectOk(bench, ['totp', 'enroll', 'Zoë <zoe@example.ch>', '--email', file])
    expect(readFileSync(file, 'utf8')).not.toMatch(/^To:/m)
  })
})
