/**
 * Enrolment.
 * - An invitation of the shared vectors works.
 * - Invitation and enrolment code are checked before anything is written.
 * - A directory holds one device.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeHex } from '../../src/crypto/bytes.ts'
import { asDeviceSecret } from '../../src/crypto/keys.ts'
import { readSession } from '../../src/device/session.ts'
import { openDatabase } from '../../src/device/settings.ts'
import { openStorage } from '../../src/device/storage.ts'
import {
  answerOf,
  createBench,
  enrolArguments,
  expectOk,
  readJson,
  readState,
  run,
  withNewPassword,
  withPassword,
  writeText,
} from './bench.ts'

type Vector = {
  invitation: string
  enrolmentCode: string
  secret: string
  id: string
  tag: number
  organisation: string
  user: string
  pinAllowed: boolean
}
const shared = JSON.parse(readFileSync(new URL('../vectors/shared/invitations.json', import.meta.url), 'utf8'))
  .vectors as Vector[]

describe('a shared invitation', () => {
  it('enrols a device at the real work factor, and the desk can reset it', async () => {
    const vector = shared[1] as Vector
    const bench = {
      ...createBench(),
      invitation: vector.invitation,
      enrolmentCode: vector.enrolmentCode,
      secret: asDeviceSecret(decodeHex(vector.secret) as Uint8Array),
    }
    const real = { logN: 17 }
    const { id, tag, organisation, user, pinAllowed } = vector
    expect(await readJson(bench, enrolArguments(bench), real)).toEqual({
      deviceId: id,
      tag,
      organisation,
      user,
      epoch: 0,
      pinAllowed,
      locked: false,
    })
    const state = readState(bench)
    expect([state.passwordSlot?.[2], state.recoverySlot[2]]).toEqual([17, 17])
    await expectOk(bench, ['lock'], real)
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)], real)
    expect(readState(bench).epoch).toBe(1)
  })

  it('puts the secret of the desk into the database', async () => {
    const bench = createBench()
    await expectOk(bench, enrolArguments(bench))
    const storage = openStorage(bench.directory, { uid: process.getuid?.() ?? null })
    const sealed = storage.readFile('settings') as Uint8Array
    expect(openDatabase(readSession(storage) as Uint8Array, sealed, readState(bench).id)?.secret).toEqual(bench.secret)
  })
})

describe('enrolment is refused', () => {
  it('with a mistyped code or the code of another invitation, and can be tried again', async () => {
    const bench = createBench()
    const other = createBench()
    const enrol = (code: string) =>
      run(bench, ['enroll', bench.invitation, '--code-file', writeText(bench, 'code', code), ...withPassword(bench)])
    expect((await enrol(bench.enrolmentCode.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')))).exit).toBe(3)
    expect((await enrol(readState(await enrolled()).resetCode)).err).toContain(
      'this is a reset code, where an enrolment code is wanted',
    )
    for (let i = 0; i < 8; i++) expect((await enrol(other.enrolmentCode)).exit).toBe(4)
    expect(existsSync(bench.directory)).toBe(false)
    expect((await enrol(bench.enrolmentCode)).exit).toBe(0)
  })

  it.each([
    ['nothing', () => ''],
    ['another text', () => 'https://example.ch'],
    ['half of it', (text: string) => text.slice(0, 100)],
    ['a longer one', (text: string) => `${text}AAAA`],
    ['a slot whose box is damaged', (text: string) => damage(text, 22 + 98)],
    ['a slot of another version', (text: string) => damage(text, 22)],
    ['a slot of another work factor', (text: string) => damage(text, 24)],
  ])('with an invitation that is %s', async (_, change) => {
    const bench = createBench()
    const [, , ...rest] = enrolArguments(bench)
    expect((await run(bench, ['enroll', '-', ...rest], { input: change(bench.invitation) })).exit).toBe(8)
    expect(existsSync(bench.directory)).toBe(false)
  })

  it('in a directory that already holds a device', async () => {
    const bench = await enrolled()
    const before = readState(bench)
    const { exit, err } = await run(bench, enrolArguments(bench))
    expect([exit, err]).toEqual([6, expect.stringContaining('already')])
    expect(readState(bench)).toEqual(before)
  })

  it('in a directory with other files, in a file, and with a weak password', async () => {
    const bench = createBench()
    mkdirSync(bench.directory)
    writeFileSync(join(bench.directory, 'thesis.tex'), '')
    expect((await run(bench, enrolArguments(bench))).exit).toBe(6)
    const inFile = { ...bench, directory: writeText(bench, 'file', '') }
    expect((await run(inFile, enrolArguments(inFile))).exit).toBe(6)
    const weak = createBench()
    expect((await run(weak, [...enrolArguments(weak).slice(0, 4), ...withPassword(weak, 'short')])).exit).toBe(2)
    expect(existsSync(weak.directory)).toBe(false)
  })

  it('without a terminal to ask at, with the name of the missing flag', async () => {
    const bench = createBench()
    expect(await run(bench, ['enroll', bench.invitation])).toMatchObject({
      exit: 2,
      err: expect.stringContaining('--code-file'),
    })
    const argv = enrolArguments(bench).slice(0, 4)
    expect(await run(bench, argv)).toMatchObject({ exit: 2, err: expect.stringContaining('--password-file') })
    const shared = await run(bench, ['enroll', '-', '--code-file', '-'], { input: bench.invitation })
    expect(shared).toMatchObject({ exit: 2, err: expect.stringContaining('standard input') })
  })
})

describe('the directory', () => {
  it('is created with mode 0700 like its new parents; an empty one is used and set to 0700', async () => {
    const bench = createBench()
    const deep = { ...bench, directory: join(bench.home, 'a', 'b', 'c') }
    await expectOk(deep, enrolArguments(deep))
    for (const made of ['a', 'a/b', 'a/b/c']) expect(statSync(join(bench.home, made)).mode & 0o777).toBe(0o700)
    const empty = createBench()
    mkdirSync(empty.directory)
    chmodSync(empty.directory, 0o777)
    await expectOk(empty, enrolArguments(empty))
    expect(statSync(empty.directory).mode & 0o777).toBe(0o700)
  })
})

async function enrolled() {
  const bench = createBench()
  await expectOk(bench, enrolArguments(bench))
  return bench
}

function damage(invitation: string, at: number): string {
  const prefix = 'keydesk:enrol/1/'
  const bytes = Buffer.from(invitation.slice(prefix.length), 'base64url')
  bytes[at] = (bytes[at] as number) ^ 1
  return prefix + bytes.toString('base64url')
}
