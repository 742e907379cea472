/**
 * Guards imports from a file to the store:
 * - hostile files;
 * - secrets, which are never printed;
 * - the file of invitations, which is complete or opens nothing;
 * - an import that fails, which leaves nothing behind.
 * The reading of a good file is tested in test/transcripts/import.txt.
 */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { encodeHex, encodeText } from '../../src/crypto/bytes.ts'
import { decodeInvitation, type Invitation, openSlot } from '../../src/crypto/index.ts'
import type { Device } from '../../src/desk/records/index.ts'
import { main } from '../../src/program/keydesk.ts'
import { withDesk } from '../../src/session/open.ts'
import { HOSTILE } from '../term/hostile.ts'
import { type Bench, createDesk, expectOk, openContext, readJson, run, storeOf } from './bench.ts'
import { renderFleet } from './fleet.ts'

const OBEYED = /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u
const SECRET = encodeHex(new Uint8Array(32).fill(0xab))

let bench: Bench
let inHome: (name: string) => string
beforeEach(async () => {
  bench = await createDesk()
  inHome = (name) => join(bench.home, name)
})

function write(content: string | Uint8Array, name = 'list.csv'): string {
  writeFileSync(inHome(name), content, { mode: 0o600 })
  return inHome(name)
}
const importing = (content: string | Uint8Array, ...more: string[]) =>
  run(bench, ['device', 'import', write(content), ...more])
const devicesOf = () => readJson<Device[]>(bench, ['device', 'list'])
const entries = async () => (await expectOk(bench, ['audit', 'list', '--ndjson'])).trimEnd().split('\n').length
const errorOf = (err: string) => JSON.parse(err.split('\n').find((line) => line.startsWith('{"error"')) as string).error

describe('a fleet', () => {
  it('is imported once with unique tags; a second import changes nothing and adds no entry', async () => {
    const fleet = renderFleet(500)
    expect(await importing(fleet, '--quiet')).toMatchObject({ exit: 0, err: '' })
    const [devices, store] = [await devicesOf(), readFileSync(storeOf(bench))]
    expect([devices.length, new Set(devices.map(({ tag }) => tag)).size]).toEqual([500, 500])
    expect(await importing(fleet, '--quiet')).toMatchObject({ exit: 0 })
    expect(readFileSync(storeOf(bench)).equals(store)).toBe(true)
    // Our own list is exported and imported again, with formulas in it.
    await expectOk(bench, ['device', 'import', write(`user,name\nzoe,=1+1\nmax,"a;=2"\n`), '--quiet'])
    const list = await expectOk(bench, ['device', 'list', '--csv'])
    expect(list).toContain("'=1+1")
    expect(await importing(list, '--quiet')).toMatchObject({
      err: '',
      out: 'Nothing was changed: 0 added, 0 changed, 502 unchanged.\n',
    })
  })

  it.each([
    ['is imported although another command wrote to the store meanwhile', ['user', 'add', 'somebody'], 0],
    ['is refused if another command imported the same devices meanwhile', ['device', 'import'], 9],
  ])('%s', async (_, [noun = '', verb = '', ...rest], exit) => {
    const file = write(renderFleet(20))
    // The other command runs while invitations are sealed, which takes long. It starts when the first code is drawn.
    const context = openContext(bench, { logN: 14 })
    let meanwhile: Promise<unknown> | undefined
    const random = (count: number) => {
      if (count === 9) meanwhile ??= expectOk(bench, [noun, verb, ...(noun === 'device' ? [file] : rest), '--quiet'])
      return context.random(count)
    }
    const argv = ['device', 'import', file, '--quiet', '--provisioning', inHome('out.csv')]
    expect(await main(argv, { ...context, random })).toBe(exit)
    await meanwhile
    const devices = await devicesOf()
    expect(devices).toHaveLength(20)
    const out = existsSync(inHome('out.csv')) ? readFileSync(inHome('out.csv'), 'utf8') : ''
    expect(devices.every(({ deviceId }) => out.includes(deviceId))).toBe(exit === 0)
    expect(existsSync(inHome('out.csv.part'))).toBe(false)
    const seqs = await readJson<{ seq: number }[]>(bench, ['audit', 'list'])
    expect(seqs.map(({ seq }) => seq)).toEqual(seqs.map((_each, i) => i + 1))
  })
})

describe('a hostile file', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    [
      'Latin-1',
      Buffer.from('user;name\nzoe;iPhone\nmax;Zo\xeb\n', 'latin1'),
      /line 3: not UTF-8; the file looks like Latin-1/,
    ],
    ['UTF-16', Buffer.from('\ufeffuser;name\n', 'utf16le'), /UTF-16/],
    ['random bytes', Buffer.from([0x75, 0x0a, 0xff, 0xfe, 0xfd, 0xfc, 0xfb]), /line 2: not UTF-8$/m],
    ['an open quote', 'user,name\nzoe,"open\nmax,x\n', /line 2: a quote is never closed/],
    ['an endless line', `user,name\nzoe,"${'x\n'.repeat(40_000)}`, /line 2: a line is too long; is a quote open\?/],
    ['nothing', '', /it has no heading/],
    ['a thousand columns', `user${',x'.repeat(999)}\n`, /more than 256 columns/],
    ['an endless title', `user,${'x'.repeat(10_000)}\n`, /a title is longer/],
  ])('of %s gives exit 8, names the fault, and changes nothing', async (_, content, message) => {
    const store = readFileSync(storeOf(bench))
    const { exit, out, err } = await importing(content)
    expect([exit, out]).toEqual([8, ''])
    expect(err).toMatch(message)
    expect(err.length).toBeLessThan(1000)
    expect(readFileSync(storeOf(bench)).equals(store)).toBe(true)
  })

  it('prints no control character of a name or of a heading', async () => {
    const cells = [...HOSTILE.filter((text) => OBEYED.test(text)), 'x'.repeat(10_000), 'a\\u{1b}b']
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
    for (const [i, cell] of cells.map((each) => each.toWellFormed()).entries()) {
      const asName = await importing(`user,name\nzoe,${quoted(cell)}\n`)
      // Line ends at the edge of a cell are trimmed, so the rest may be a valid name.
      expect([0, 8], JSON.stringify(cell)).toContain(asName.exit)
      const asTitle = await importing(`user,name,${quoted(cell)}\nzoe${i},iPhone,x\n`, '--dry-run')
      for (const { out, err } of [asName, asTitle]) {
        expect(out + err).not.toMatch(OBEYED)
        expect((out + err).length).toBeLessThan(2000)
      }
    }
  })
})

describe('a secret in the file', () => {
  const head = 'user,name,deviceId,tag,secret\n'
  const line = (secret: string, id = '1f'.repeat(16), tag = '77') => `zoe@example.ch,iPhone,${id},${tag},${secret}\n`
  const everything = async (content: string, ...more: string[]) => {
    const { exit, out, err } = await importing(content, ...more)
    return { exit, all: out + err + (await expectOk(bench, ['audit', 'list', '--ndjson'])) }
  }

  it('is taken with its id and tag in hex or base64url, and never printed', async () => {
    const base64url = Buffer.from(SECRET, 'hex').toString('base64url')
    const { exit, all } = await everything(head + line(SECRET))
    expect(exit).toBe(0)
    expect(all).not.toContain(SECRET)
    // The same secret in the other spelling is no change. Another secret is refused.
    expect(await everything(head + line(base64url))).toMatchObject({ exit: 0 })
    const other = await everything(head + line('cd'.repeat(32)), '--json')
    expect(other.exit).toBe(8)
    expect(other.all).not.toMatch(/(cd){8}/)
    expect(await devicesOf()).toMatchObject([{ deviceId: '1f'.repeat(16), tag: 77, state: 'invited' }])
    const held = await withDesk(openContext(bench), { input: false, color: false }, (desk) =>
      desk.read(async (records) => records.deviceSecret((await records.device('1f'.repeat(16))) as Device)),
    )
    expect(encodeHex(held)).toBe(SECRET)
  })

  it('takes a tag of five digits as a number, as in our own lists, and also a tag of five symbols', async () => {
    await expectOk(bench, ['device', 'import', write(head + line(SECRET, undefined, '12345')), '--quiet'])
    await expectOk(bench, [
      'device',
      'import',
      write(head + line('cd'.repeat(32), '2e'.repeat(16), 'NBAJN').replace('iPhone', 'b')),
      '--quiet',
    ])
    expect((await devicesOf()).map(({ tag }) => tag)).toEqual([22_391_381, 12_345])
    expect(await importing(await expectOk(bench, ['device', 'list', '--csv']))).toMatchObject({ exit: 0 })
  })

  it.each([
    ['too short', line(SECRET.slice(2)), 'bad-secret'],
    ['of no alphabet', line(`${SECRET.slice(1)}ß`), 'bad-secret'],
    ['without its tag', line(SECRET, undefined, ''), 'secret-alone'],
    ['without its id', line(SECRET, ''), 'secret-alone'],
    ['twice', line(SECRET) + line(SECRET, '2e'.repeat(16), '78'), 'secret-taken'],
  ])('that is %s is refused, and not repeated', async (_, lines, reason) => {
    const { exit, out, err } = await importing(head + lines, '--json')
    expect([exit, out, errorOf(err).refused.at(-1).reason]).toEqual([8, '', reason])
    expect(err).not.toMatch(/(ab){4}/)
  })

  it.skipIf(process.platform === 'win32')('causes a warning if others can read the file', async () => {
    const file = write(head + line(SECRET))
    const warned = async () =>
      (await run(bench, ['device', 'import', file, '--dry-run'])).err.includes('others can read it')
    expect(await warned()).toBe(false)
    chmodSync(file, 0o644)
    expect(await warned()).toBe(true)
  })
})

describe('--provisioning', () => {
  const LIST = 'user,name,pinAllowed\nzoe@example.ch,iPhone,yes\nmax@example.ch,Tablet,\n'
  const provision = (name: string, content = LIST) => importing(content, '--provisioning', inHome(name), '--quiet')

  it('has mode 0600, and its invitations open the imported devices', async () => {
    expect(await provision('out.ndjson')).toMatchObject({ exit: 0 })
    expect(statSync(inHome('out.ndjson')).mode & 0o777).toBe(0o600)
    const lines = readFileSync(inHome('out.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text))
    const devices = await devicesOf()
    expect(lines.map(({ deviceId }) => deviceId).sort()).toEqual(devices.map(({ deviceId }) => deviceId).sort())
    for (const { deviceId, tag, user, invitation, enrolmentCode } of lines) {
      const { id, slot, ...said } = decodeInvitation(invitation) as Invitation
      expect(said).toMatchObject({ tag, user, organisation: 'Röntgen AG', pinAllowed: user.startsWith('zoe') })
      const opened = openSlot(encodeText(enrolmentCode.replaceAll('-', '')), slot, {
        kind: 'enrolment',
        context: id,
        logN: 10,
      })
      const held = await withDesk(openContext(bench), { input: false, color: false }, (desk) =>
        desk.read(async (records) => records.deviceSecret((await records.device(deviceId)) as Device)),
      )
      expect(opened).toEqual({ ok: true, payload: new Uint8Array(held) })
    }
  })

  it('writes no file for a dry run, for a refusal, or if no device is new', async () => {
    await run(bench, ['device', 'import', write(LIST), '--dry-run', '--provisioning', inHome('out.csv')])
    await provision('out.csv', `${LIST},nobody\n`)
    await importing(LIST, '--quiet')
    await provision('out.csv')
    expect(readdirSync(bench.home).filter((name) => name.startsWith('out'))).toEqual([])
  })

  it('overwrites no other file, and then changes nothing', async () => {
    writeFileSync(inHome('out.csv'), 'of somebody else')
    const before = await entries()
    expect(await provision('out.csv')).toMatchObject({ exit: 6, out: '' })
    expect([readFileSync(inHome('out.csv'), 'utf8'), await entries()]).toEqual(['of somebody else', before])
    expect(await provision('nowhere/out.csv')).toMatchObject({ exit: 6, out: '' })
    for (const name of ['', 'x'.repeat(5_000)]) {
      const { exit, err } = await importing(LIST, '--provisioning', name, '--json')
      expect([exit, JSON.parse(err).error.reason], name).toEqual([6, 'unwritable-file'])
    }
    expect(await devicesOf()).toEqual([])
  })

  // Other users can write to the folder, as on a team's share.
  it('writes no code into a file that took its place while invitations were made', async () => {
    const context = openContext(bench)
    const part = inHome('out.csv.part')
    writeFileSync(inHome('theirs'), '')
    const random = (count: number) => {
      if (existsSync(part) && readFileSync(part, 'utf8').includes('#####')) {
        renameSync(part, inHome('taken'))
        symlinkSync(inHome('theirs'), part)
      }
      return context.random(count)
    }
    const argv = ['device', 'import', write(LIST), '--provisioning', inHome('out.csv'), '--json']
    const exit = await main(argv, { ...context, random })
    expect([exit, existsSync(inHome('taken')), existsSync(inHome('out.csv'))]).toEqual([1, true, false])
    expect(readFileSync(inHome('theirs'), 'utf8')).toBe('')
    expect(readFileSync(inHome('taken'), 'utf8')).toMatch(/,#####-#####-#####\r\n/)
  })

  it('overwrites no file that was created while invitations were made', async () => {
    const context = openContext(bench)
    const random = (count: number) => {
      const part = existsSync(inHome('out.csv.part')) ? readFileSync(inHome('out.csv.part'), 'utf8') : ''
      if (part.includes('#####')) writeFileSync(inHome('out.csv'), 'of somebody else')
      return context.random(count)
    }
    const argv = ['device', 'import', write(LIST), '--provisioning', inHome('out.csv'), '--json']
    expect(await main(argv, { ...context, random })).not.toBe(0)
    expect(readFileSync(inHome('out.csv'), 'utf8')).toBe('of somebody else')
    // The devices are committed by then, so their codes stay in the file with its other name.
    expect(readFileSync(inHome('out.csv.part'), 'utf8')).toMatch(/,[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}\r\n/)
  })

  it('holds blanks instead of codes until the commit, and is deleted if the commit fails', async () => {
    const context = openContext(bench)
    let seen = ''
    // The last draw before the commit writes. By then the file exists under its other name.
    const random = (count: number) => {
      if (existsSync(inHome('out.csv.part'))) seen = readFileSync(inHome('out.csv.part'), 'utf8')
      if (seen.includes('#####')) throw new Error('a crash between the file and the commit')
      return context.random(count)
    }
    const exit = await main(['device', 'import', write(LIST), '--provisioning', inHome('out.csv')], {
      ...context,
      random,
    })
    expect(exit).toBe(1)
    expect(seen).toContain('keydesk:enrol/1/')
    expect(seen).toMatch(/,#####-#####-#####\r\n/)
    expect(seen).not.toMatch(/,[0-9A-Z]{5}-[0-9A-Z]{5}-[0-9A-Z]{5}/)
    expect(readdirSync(bench.home).filter((name) => name.startsWith('out'))).toEqual([])
    expect(await devicesOf()).toEqual([])
  })
})
