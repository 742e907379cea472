/**
 * Guards `keydesk pin` through its commands: all combinations of the prerequisites, a PIN that is in the mail and
 * nowhere else, and the state after a failure.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deriveSubkey } from '../../src/crypto/keys.ts'
import { derivePin } from '../../src/crypto/pin.ts'
import { readBody, readHeader } from '../mail/reader.ts'
import { type Bench, createDesk, expectOk, invitePhone, type Phone, readJson, run } from './bench.ts'

const USER = 'zoe@example.ch'
const ROLE = 'reset-secure-apps-passcode'
const PIN_PHONE = ['--registered-by', 'pin', '--allow-pin', '--platform', 'ios']
const IOS = ['device.ios.passcodeRequired', 'device.ios.allowRecovery']

const pinOf = ({ deviceId, secret }: Phone, audience: 'device' | 'desk', atMs: number): string => {
  const id = new Uint8Array(Buffer.from(deviceId, 'hex'))
  const minute = Math.floor(atMs / 60_000)
  return derivePin(deriveSubkey(secret, id, 'pin'), { id, audience, minute, user: USER })
}
/** The text of the mail. */
const readMail = (path: string): string => readBody(readFileSync(path, 'utf8'))

async function readyDesk(): Promise<{ bench: Bench; phone: Phone; mail: string }> {
  const bench = await createDesk()
  const phone = await invitePhone(bench, USER, 'iPhone', PIN_PHONE)
  await expectOk(bench, ['user', 'grant', USER, ROLE])
  for (const key of ['licence.web', ...IOS]) await expectOk(bench, ['device', 'policy', phone.deviceId, key, 'on'])
  return { bench, phone, mail: join(bench.home, 'mail.eml') }
}

type Checked = { ready: boolean; prerequisites: { name: string; met: boolean; hint: string | null }[] }

const NAMES = ['role', 'licence', 'ios-passcode-required', 'ios-recovery-allowed', 'registered-by-pin']

/** Sets each prerequisite as its bit says. Returns the device to ask about, and the prerequisites that are missing. */
async function arrange(bench: Bench, phones: { pin: Phone; password: Phone }, bits: number) {
  const has = (bit: number) => ((bits >> bit) & 1) === 1
  const { deviceId } = has(4) ? phones.pin : phones.password
  await expectOk(bench, ['user', has(0) ? 'grant' : 'revoke', USER, ROLE])
  for (const [i, key] of ['licence.docs', ...IOS].entries())
    await expectOk(bench, ['device', 'policy', deviceId, key, has(1 + i) ? 'on' : 'off'])
  return { deviceId, missing: NAMES.filter((_, bit) => !has(bit)) }
}

describe('all 2⁵ combinations of role, licence, passcode, recovery and registration', () => {
  it('pin issue succeeds in one, and in the other 31 names exactly what is missing, as pin check does', async () => {
    const bench = await createDesk()
    const phones = {
      pin: await invitePhone(bench, USER, 'by pin', PIN_PHONE),
      password: await invitePhone(bench, USER, 'by password', ['--allow-pin', '--platform', 'ios']),
    }
    const issued: number[] = []
    for (let bits = 0; bits < 32; bits++) {
      const { deviceId, missing } = await arrange(bench, phones, bits)
      const of = [USER, '--device', deviceId]
      const { ready, prerequisites } = await readJson<Checked>(bench, ['pin', 'check', ...of])
      expect(prerequisites.filter(({ met }) => !met).map(({ name }) => name)).toEqual(missing)
      expect(ready).toBe(missing.length === 0)
      const { exit, out, err } = await run(bench, ['pin', 'issue', ...of, '--json'])
      if (exit === 0) issued.push(bits)
      else
        expect([exit, out, JSON.parse(err).error]).toEqual([
          6,
          '',
          expect.objectContaining({ reason: 'prerequisites', prerequisites }),
        ])
    }
    expect(issued).toEqual([31])
    expect(await readJson<unknown[]>(bench, ['pin', 'list'])).toHaveLength(1)
  })
})

describe('the hint of each prerequisite', () => {
  it('is a command that meets it', async () => {
    const bench = await createDesk()
    await invitePhone(bench, USER, 'iPhone', PIN_PHONE)
    const { prerequisites } = await readJson<Checked>(bench, ['pin', 'check', USER])
    const hints = prerequisites.flatMap(({ hint }) => (hint === null ? [] : [hint]))
    expect(hints).toHaveLength(4)
    for (const hint of hints) await expectOk(bench, hint.split(' ').slice(1))
    await expectOk(bench, ['pin', 'issue', USER])
  })
})

describe('pin issue', () => {
  it('prints the PIN that the device will check', async () => {
    const { bench, phone } = await readyDesk()
    const pin = pinOf(phone, 'device', bench.nowMs)
    expect(await expectOk(bench, ['pin', 'issue', USER])).toBe(`${pin.slice(0, 5)}-${pin.slice(5)}\n`)
    expect(await readJson(bench, ['pin', 'issue', 'ZOE@example.ch', '--ttl', '8h'])).toMatchObject({
      pin,
      deviceId: phone.deviceId,
      user: USER,
      expiresAt: new Date(bench.nowMs + 8 * 3_600_000).toISOString(),
      repeated: true,
    })
  })

  it('with --email writes the PIN into the draft with mode 0600, and nowhere else', async () => {
    const { bench, phone, mail } = await readyDesk()
    const pin = pinOf(phone, 'desk', bench.nowMs)
    const spoken = `${pin.slice(0, 5)}-${pin.slice(5)}`
    for (const json of [[], ['--json']]) {
      const path = `${mail}${json.length}`
      const { exit, out, err } = await run(bench, ['pin', 'issue', USER, '--for', 'desk', '--email', path, ...json])
      expect(exit).toBe(0)
      for (const said of [out, err]) expect(said.replaceAll('-', '')).not.toContain(pin.slice(4))
      expect(readMail(path)).toContain(spoken)
      expect(statSync(path).mode & 0o777).toBe(0o600)
    }
    expect(readdirSync(bench.home).filter((name) => name.endsWith('.new'))).toEqual([])
    const record = await expectOk(bench, ['audit', 'list', '--json'])
    expect(record).not.toContain(pin.slice(4))
    expect(await expectOk(bench, ['pin', 'list', '--json'])).not.toContain(pin.slice(4))
  })

  it('writes the mail in the language asked for, and for the audience of the PIN', async () => {
    const { bench, phone } = await readyDesk()
    for (const [audience, words] of [
      ['device', 'in der App auf iPhone ein'],
      ['desk', 'dem Helpdesk von Röntgen AG vor'],
    ] as const) {
      const path = join(bench.home, `${audience}.eml`)
      await expectOk(bench, ['pin', 'issue', USER, '--for', audience, '--email', path, '--language', 'de'])
      const mail = readFileSync(path, 'utf8')
      expect(readHeader(mail, 'Subject')).toBe('Einmal-PIN von Röntgen AG')
      expect(readBody(mail)).toContain(words)
      const pin = pinOf(phone, audience, bench.nowMs)
      for (const type of ['text/plain', 'text/html']) {
        const shown = readBody(mail, type).replaceAll(/<[^>]*>/g, '')
        expect(shown).toContain(`${pin.slice(0, 5)}-${pin.slice(5)}`)
      }
    }
  })

  it('issues no PIN if the draft cannot be written', async () => {
    const { bench, mail } = await readyDesk()
    writeFileSync(mail, 'something else')
    mkdirSync(join(bench.home, 'a-directory'))
    for (const path of [mail, join(bench.home, 'a-directory'), join(bench.home, 'nowhere/mail.eml')]) {
      const before = await expectOk(bench, ['audit', 'list'])
      const { exit, err } = await run(bench, ['pin', 'issue', USER, '--email', path, '--json'])
      expect([exit, JSON.parse(err).error.reason]).toEqual([
        6,
        path.includes('nowhere') ? 'no-such-place' : 'file-exists',
      ])
      expect(await expectOk(bench, ['audit', 'list'])).toBe(before)
    }
    expect(await readJson(bench, ['pin', 'list'])).toEqual([])
    expect(readFileSync(mail, 'utf8')).toBe('something else')
  })

  it('writes no draft if the PIN is not issued', async () => {
    const { bench, mail } = await readyDesk()
    await expectOk(bench, ['user', 'revoke', USER, ROLE])
    expect((await run(bench, ['pin', 'issue', USER, '--email', mail])).exit).toBe(6)
    expect(readdirSync(bench.home).filter((name) => name.startsWith('mail.eml'))).toEqual([])
  })

  it('finds the user and the device, and refuses unknown or ambiguous ones and a bad lifetime', async () => {
    const { bench, phone } = await readyDesk()
    await invitePhone(bench, USER, 'iPad', PIN_PHONE)
    const max = await invitePhone(bench, 'max@example.ch', 'Pixel')
    const reasonOf = async (...argv: string[]) => {
      const { exit, err } = await run(bench, ['pin', 'issue', ...argv, '--json'])
      return [exit, exit === 0 ? 'ok' : JSON.parse(err).error.reason]
    }
    expect(await reasonOf('nobody')).toEqual([7, 'no-user'])
    expect(await reasonOf(' ')).toEqual([7, 'no-user'])
    expect(await reasonOf(USER)).toEqual([2, 'ambiguous-device'])
    expect(await reasonOf(USER, '--device', max.deviceId)).toEqual([2, 'other-user'])
    expect(await reasonOf(USER, '--device', 'iphone')).toEqual([0, 'ok'])
    expect(await reasonOf(USER, '--device', 'iphone', '--ttl', '25h')).toEqual([2, 'bad-duration'])
    expect(await reasonOf(USER, '--device', 'iphone', '--ttl', '30s')).toEqual([2, 'bad-duration'])
    await expectOk(bench, ['device', 'policy', phone.deviceId, 'pin.ttlHours', '2'])
    expect(await reasonOf(USER, '--device', 'iphone', '--ttl', '3h')).toEqual([6, 'ttl-too-long'])
    await expectOk(bench, ['user', 'add', 'new@example.ch'])
    expect(await reasonOf('new@example.ch')).toEqual([7, 'no-device'])
  })
})

describe('a caller with a PIN', () => {
  async function mailed(...email: string[]) {
    const world = await readyDesk()
    await expectOk(world.bench, [
      'pin',
      'issue',
      USER,
      '--for',
      'desk',
      ...email.map((flag) => flag.replace('MAIL', world.mail)),
    ])
    const pin = pinOf(world.phone, 'desk', world.bench.nowMs)
    const confirm = () =>
      run(world.bench, ['reset', 'confirm', world.phone.resetCode(), '--verified-by', 'pin', '--json'])
    return { ...world, pin, confirm }
  }

  it('is verified for ten minutes by a mailed PIN', async () => {
    const { bench, pin, confirm, phone } = await mailed('--email', 'MAIL')
    expect((await confirm()).exit).toBe(6)
    expect(await readJson(bench, ['pin', 'redeem', USER, pin])).toMatchObject({
      redeemed: true,
      proves: true,
      provesUntil: new Date(bench.nowMs + 600_000).toISOString(),
    })
    bench.nowMs += 600_000
    const { exit, out } = await confirm()
    expect([exit, JSON.parse(out)]).toEqual([
      0,
      expect.objectContaining({ confirmationCode: phone.confirmationCode(), verifiedBy: 'pin' }),
    ])
  })

  it('is not verified after that, nor by a PIN that was read out', async () => {
    const late = await mailed('--email', 'MAIL')
    await expectOk(late.bench, ['pin', 'redeem', USER, '-'], { input: `${late.pin}\n` })
    late.bench.nowMs += 601_000
    expect((await late.confirm()).exit).toBe(6)
    const read = await mailed()
    expect(await readJson(read.bench, ['pin', 'redeem', USER, read.pin])).toMatchObject({
      proves: false,
      provesUntil: null,
    })
    const { exit, err } = await read.confirm()
    expect([exit, JSON.parse(err).error.reason]).toEqual([6, 'pin-not-proven'])
  })
})
