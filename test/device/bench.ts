/**
 * One device under test and its desk. The crypto core alone plays the desk.
 * - The bench knows K, so it can compute every answer of the desk.
 * - Commands run in-process on the real file system, with the clock of the bench.
 */
import { randomBytes } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type ConfirmationCode,
  deriveConfirmationCode,
  derivePin,
  deriveSubkey,
  encodeInvitation,
  encodeSpoken,
  sealSlot,
  stripHyphens,
} from '../../src/crypto/index.ts'
import { asDeviceSecret, type DeviceSecret } from '../../src/crypto/keys.ts'
import type { FileCalls } from '../../src/device/durable.ts'
import { formatState, parseState, type StoredState } from '../../src/device/state.ts'
import { main } from '../../src/program/keydesk-device.ts'
import { createHome, type FakeOptions, fakeContext, MONDAY_MS } from '../fake-context.ts'

export const PASSWORD = 'correct horse battery'
export const NEW_PASSWORD = 'staple of the new day'
export const LOG_N = 10
/** The user of the device. */
export const USER = 'zoë@example.ch'

export type Outcome = {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly questions: readonly string[]
}
export type RunOptions = Omit<FakeOptions, 'home' | 'nowMs'> & { readonly files?: FileCalls }

export type Bench = {
  readonly home: string
  readonly directory: string
  readonly secret: DeviceSecret
  readonly invitation: string
  readonly enrolmentCode: string
  /** log2 of scrypt's N, for every slot of this device. */
  readonly logN: number
  /** The clock of every command, in milliseconds since 1970. */
  nowMs: number
}

const draw = (count: number): Uint8Array => new Uint8Array(randomBytes(count))
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A device that is invited and not enrolled yet. */
export function createBench({ pinAllowed = false, user = USER, logN = LOG_N } = {}): Bench {
  const home = createHome()
  const secret = asDeviceSecret(draw(32))
  const id = draw(16)
  const enrolmentCode = encodeSpoken(
    Array.from(draw(13), (byte) => byte & 31),
    'enrol',
  )
  const slot = sealSlot(utf8(stripHyphens(enrolmentCode)), secret, {
    kind: 'enrolment',
    context: id,
    salt: draw(16),
    logN,
  })
  const tag = Buffer.from(draw(4)).readUInt32BE() >>> 7
  const invitation = encodeInvitation({ id, tag, slot, organisation: 'Röntgen AG', user, pinAllowed })
  return { home, directory: join(home, 'phone'), secret, invitation, enrolmentCode, logN, nowMs: MONDAY_MS }
}

/** A device that is enrolled, holds one setting, and is locked. */
export async function createLocked(options: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const bench = createBench(options)
  await expectOk(bench, enrolArguments(bench))
  await expectOk(bench, ['put', 'mail.server', 'imap.example.ch'])
  await expectOk(bench, ['lock'])
  return bench
}

/** A second device with a copy of the current files of the first. */
export function copyBench(bench: Bench): Bench {
  const home = createHome()
  cpSync(bench.home, home, { recursive: true })
  return { ...bench, home, directory: join(home, 'phone') }
}

export function enrolArguments(bench: Bench): string[] {
  const code = writeText(bench, 'code', bench.enrolmentCode)
  return ['enroll', bench.invitation, '--code-file', code, ...withPassword(bench)]
}

/** Writes the text as one line to a file of the bench. Returns the path. */
export function writeText(bench: Bench, name: string, text: string): string {
  const path = join(bench.home, name)
  writeFileSync(path, `${text}\n`)
  return path
}

export const withPassword = (bench: Bench, password = PASSWORD): string[] => [
  '--password-file',
  writeText(bench, `password-${password.length}`, password),
]
export const withNewPassword = (bench: Bench, password = NEW_PASSWORD): string[] => [
  '--new-password-file',
  writeText(bench, `new-password-${password.length}`, password),
]

/** Runs one command line of the device. */
export async function run(
  bench: Bench,
  argv: readonly string[],
  { files, ...options }: RunOptions = {},
): Promise<Outcome> {
  const context = fakeContext({ logN: bench.logN, ...options, home: bench.home, nowMs: bench.nowMs })
  const exit = await main(['--state', bench.directory, ...argv], context, files)
  return { exit, out: context.stdout(), err: context.stderr(), questions: context.questions }
}

/** Runs a command line that must succeed. Returns its stdout; throws on any other exit code. */
export async function expectOk(bench: Bench, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  const { exit, out, err } = await run(bench, argv, options)
  if (exit !== 0) throw new Error(`${argv[0]}: exit ${exit}\n${err}`)
  return out
}

export async function readJson(
  bench: Bench,
  argv: readonly string[],
  options: RunOptions = {},
): Promise<Record<string, unknown>> {
  return JSON.parse(await expectOk(bench, [...argv, '--json'], options))
}

/** Reads the state on disk. Throws if it is damaged. */
export function readState(bench: Bench): StoredState {
  const state = parseState(readFileSync(join(bench.directory, 'device.json')))
  if (state === null) throw new Error('the state on disk is damaged')
  return state
}

export function writeState(bench: Bench, state: StoredState): void {
  writeFileSync(join(bench.directory, 'device.json'), formatState(state))
}

/** The confirmation code that the desk gives for the reset code of this state. */
export function answerOf(bench: Bench, state: StoredState = readState(bench)): ConfirmationCode {
  return deriveConfirmationCode(bench.secret, state)
}

/** The PIN that the desk issues at `atMs` (milliseconds since 1970) for the device as audience. */
export function pinOf(bench: Bench, atMs = bench.nowMs, user = USER): string {
  const { id } = readState(bench)
  const request = { id, audience: 'device', minute: Math.floor(atMs / 60_000), user } as const
  return derivePin(deriveSubkey(bench.secret, id, 'pin'), request)
}

/** A confirmation code with a valid check that is not the right one. */
export function wrongCode(seed = 1): string {
  return encodeSpoken(
    Array.from({ length: 13 }, (_, i) => (i * 7 + seed) % 32),
    'confirm',
  )
}

/** All files of the device: bytes by file name. */
export function readAllFiles(bench: Bench): Map<string, Buffer> {
  return new Map(readdirSync(bench.directory).map((name) => [name, readFileSync(join(bench.directory, name))]))
}
