/**
 * The directory of a locked device.
 * - Nothing in it computes a confirmation code.
 * - No other user can read or change it.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { deriveConfirmationCode, deriveSubkey, type SubkeyLabel, stripHyphens } from '../../src/crypto/index.ts'
import { LAST_EPOCH } from '../../src/crypto/keys.ts'
import { tryRecoverySlot } from '../../src/device/lock.ts'
import { openStorage } from '../../src/device/storage.ts'
import {
  answerOf,
  type Bench,
  createLocked,
  expectOk,
  LOG_N,
  NEW_PASSWORD,
  PASSWORD,
  readAllFiles,
  readState,
  run,
  withNewPassword,
  withPassword,
} from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createLocked()
})

/** Everything that a locked device must not hold. */
function secretsOf(device: Bench): Map<string, Uint8Array> {
  const state = readState(device)
  const opened = tryRecoverySlot(answerOf(device), state, LOG_N)
  if (!opened.ok) throw new Error('the recovery slot does not open')
  const secrets = new Map<string, Uint8Array>([
    ['K', device.secret],
    ['DBK', opened.payload],
  ])
  for (const label of ['reset', 'confirm', 'words', 'pin'] satisfies SubkeyLabel[])
    secrets.set(label, deriveSubkey(device.secret, state.id, label))
  for (const text of [PASSWORD, NEW_PASSWORD, 'imap.example.ch']) secrets.set(text, Buffer.from(text))
  for (const epoch of [0, 1, 2, 3, 4, LAST_EPOCH]) {
    const code = deriveConfirmationCode(device.secret, { ...state, epoch })
    for (const text of [code, stripHyphens(code)]) secrets.set(`code ${epoch} ${text}`, Buffer.from(text))
  }
  return secrets
}

/** The bytes of the file, and every decoding of its parts as base64, base64url, hex, or a list of decimal numbers. */
function decodings(bytes: Buffer): Buffer[] {
  const text = bytes.toString('latin1')
  const found = [bytes, Buffer.from(text.toUpperCase(), 'latin1')]
  for (const [token] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    for (let skip = 0; skip < 4; skip++)
      found.push(Buffer.from(token.slice(skip), 'base64'), Buffer.from(token.slice(skip), 'hex'))
  }
  for (const [list] of text.matchAll(/[\d,\s]{60,}/g)) found.push(Buffer.from(list.split(',').map(Number)))
  return found
}

/** The secrets of which a file contains at least the first half. */
function findSecrets(device: Bench): string[] {
  const files = [...readAllFiles(device)]
  return [...secretsOf(device)].flatMap(([name, secret]) =>
    files.flatMap(([file, bytes]) => {
      const half = Buffer.from(secret.subarray(0, Math.max(13, secret.length / 2)))
      return decodings(bytes).some((decoded) => decoded.includes(half)) ? [`${name} in ${file}`] : []
    }),
  )
}

describe('a locked device', () => {
  it('holds nothing that computes a confirmation code, at any station of its life', async () => {
    const stations: [string, string[]][] = [
      ['enrolled', ['status']],
      ['forgotten', ['forgot']],
      ['wrong code', ['confirm', answerOf(bench, { ...readState(bench), epoch: 9 })]],
      ['wrong password', ['open', ...withPassword(bench, 'not the password')]],
      ['one call', ['put', 'a', 'b', ...withPassword(bench)]],
      ['rotated', ['passwd', ...withPassword(bench), ...withNewPassword(bench)]],
    ]
    for (const [station, argv] of stations) {
      await run(bench, argv)
      expect(findSecrets(bench), station).toEqual([])
    }
    await expectOk(bench, ['confirm', answerOf(bench)])
    expect(findSecrets(bench)).toEqual([])
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
    expect(findSecrets(bench)).toEqual(['DBK in session'])
    await expectOk(bench, ['lock'])
    expect(findSecrets(bench)).toEqual([])
    expect(readdirSync(bench.directory).sort()).toEqual(['device.json', 'lock.db', 'settings.sealed'])
  })

  it('with a PIN way holds the keys of a platform’s keystore only in the one file that says so', async () => {
    const withPin = await createLocked({ pinAllowed: true })
    expect(findSecrets(withPin)).toEqual(['DBK in keystore', 'pin in keystore'])
    const text = (readAllFiles(withPin).get('keystore') as Buffer).toString()
    expect(text).toMatch(/^# This file stands in for the platform's keystore/)
    expect(statSync(join(withPin.directory, 'keystore')).mode & 0o777).toBe(0o600)
  })

  it('deletes a damaged session file', async () => {
    await expectOk(bench, ['open', ...withPassword(bench)])
    const session = join(bench.directory, 'session')
    const whole = readAllFiles(bench).get('session') as Buffer
    const cuts = [0, 10, ...Array.from({ length: 12 }, (_, i) => whole.length - 1 - i)]
    const others = [Buffer.concat([Buffer.from('!'), whole.subarray(1)]), Buffer.concat([whole, whole])]
    for (const bytes of [...cuts.map((length) => whole.subarray(0, length)), ...others]) {
      writeFileSync(session, bytes, { mode: 0o600 })
      expect((await run(bench, ['get', 'mail.server'])).exit).toBe(2)
      expect(existsSync(session)).toBe(false)
    }
  })
})

describe('owners', () => {
  it('other than the user and root are refused, and a system without owners refuses none', async () => {
    const stranger = process.getuid?.() || 4242
    const me = stranger + 1
    for (const name of ['', 'device.json', 'settings.sealed', 'lock.db']) {
      if (process.getuid?.() === 0) chownSync(join(bench.directory, name), stranger, stranger)
    }
    const readAs = (uid: number | null) => openStorage(bench.directory, { uid }).readFile('state')
    expect(() => readAs(me)).toThrow('belongs to another user')
    expect(readAs(stranger)).not.toBeNull()
    chmodSync(join(bench.directory, 'device.json'), 0o666)
    expect(() => readAs(stranger)).toThrow('other users may write')
    expect(readAs(null)).not.toBeNull()
  })
})

describe('modes', () => {
  it('are 0600 and 0700 with any umask', async () => {
    const umask = process.umask(0)
    try {
      const loose = await createLocked()
      await expectOk(loose, ['open', ...withPassword(loose)])
      const names = readdirSync(loose.directory)
      expect(names.sort()).toEqual(['device.json', 'lock.db', 'session', 'settings.sealed'])
      for (const name of names) expect(statSync(join(loose.directory, name)).mode & 0o777, name).toBe(0o600)
      expect(statSync(loose.directory).mode & 0o777).toBe(0o700)
    } finally {
      process.umask(umask)
    }
  })

  it.each([
    ['', 0o720],
    ['', 0o702],
    ['device.json', 0o620],
    ['device.json', 0o602],
    ['settings.sealed', 0o620],
    ['lock.db', 0o602],
    ['session', 0o640],
    ['session', 0o604],
  ])('that let others access %j (%o) are refused with the command that fixes them', async (name, mode) => {
    await expectOk(bench, ['open', ...withPassword(bench)])
    const path = join(bench.directory, name)
    chmodSync(path, mode)
    const { exit, err } = await run(bench, ['get', 'mail.server'])
    expect([exit, err]).toEqual([6, expect.stringMatching(/hint: chmod go-(w|rwx) /)])
    const [, what = ''] = err.match(/hint: chmod (\S+) /) ?? []
    chmodSync(path, what === 'go-w' ? mode & ~0o022 : mode & ~0o077)
    expect(await expectOk(bench, ['get', 'mail.server'])).toBe('imap.example.ch\n')
  })

  it('are not enough: a link or a directory in the place of a file is refused', async () => {
    const state = join(bench.directory, 'device.json')
    renameSync(state, join(bench.home, 'elsewhere.json'))
    symlinkSync(join(bench.home, 'elsewhere.json'), state)
    expect((await run(bench, ['status'])).exit).toBe(8)
    const settings = join(bench.directory, 'settings.sealed')
    const other = await createLocked()
    renameSync(join(other.directory, 'settings.sealed'), join(other.home, 'x'))
    mkdirSync(join(other.directory, 'settings.sealed'))
    expect((await run(other, ['open', ...withPassword(other)])).exit).toBe(8)
    expect(existsSync(settings)).toBe(true)
  })
})
