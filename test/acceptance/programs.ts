/**
 * A machine of its own for the built programs:
 * - It has a home directory, and an environment without any variable of ours.
 * - Secrets are in files outside of that home.
 * - Its agent is ended when the tests of the file are done.
 * - scrypt is cheap (../cheap-scrypt.cjs), in the programs and in the test beside them.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cleanUp } from '../clean-up.ts'
import { invitePhone, PASSPHRASE, type Phone } from '../commands/bench.ts'
import { createHome } from '../fake-context.ts'

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url))
export const KEYDESK = join(DIST, 'keydesk.cjs')
export const KEYDESK_DEVICE = join(DIST, 'keydesk-device.cjs')
const CHEAP_SCRYPT = fileURLToPath(new URL('../cheap-scrypt.cjs', import.meta.url))
if (!existsSync(KEYDESK)) throw new Error('these tests run the built programs: npm run build')

export type Machine = {
  readonly home: string
  readonly env: Readonly<Record<string, string>>
  /** Writes a secret to a file outside of the home, and returns its path. */
  readonly keep: (name: string, secret: string) => string
}
export type Ended = { readonly exit: number | null; readonly out: string; readonly err: string }
export type StartOptions = {
  readonly input?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Shell commands that run before the program, such as `umask 000`. */
  readonly shell?: string
  /** File descriptor for stdout instead of a pipe. */
  readonly stdout?: number
}

/** `name` is the name of the home directory: for paths that a shell must quote. */
export function createMachine(name = 'home', { realScrypt = false } = {}): Machine {
  if (!realScrypt) createRequire(import.meta.url)(CHEAP_SCRYPT)
  const root = createHome()
  const home = join(root, name)
  for (const directory of [home, join(home, 'run'), join(root, 'secrets')]) mkdirSync(directory, { mode: 0o700 })
  const plain = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), PATH: process.env['PATH'] ?? '' }
  const env = realScrypt ? plain : { ...plain, NODE_OPTIONS: `--require ${JSON.stringify(CHEAP_SCRYPT)}` }
  const keep = (file: string, secret: string) => {
    const path = join(root, 'secrets', file)
    writeFileSync(path, `${secret}\n`, { mode: 0o600 })
    return path
  }
  const machine = { home, env, keep }
  cleanUp(() => run(machine, ['lock']))
  return machine
}

/** Starts `node …` on the machine. */
export function start({ env }: Machine, args: readonly string[], options: StartOptions = {}): ChildProcess {
  const { shell, stdout = 'pipe' } = options
  const command = [process.execPath, ...args]
  const [program = '', ...rest] = shell === undefined ? command : ['sh', '-c', `${shell}; exec "$@"`, 'sh', ...command]
  const child = spawn(program, rest, { env: { ...env, ...options.env }, stdio: ['pipe', stdout, 'pipe'] })
  // A program that does not read its input may end before the input is written.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(options.input ?? '')
  return child
}

export function waitFor(child: ChildProcess): Promise<Ended> {
  const out: string[] = []
  const err: string[] = []
  child.stdout?.setEncoding('utf8').on('data', (text: string) => void out.push(text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => void err.push(text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exit) => resolve({ exit, out: out.join(''), err: err.join('') }))
  })
}

/** Runs `keydesk` to its end. */
export function run(machine: Machine, argv: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return waitFor(start(machine, [KEYDESK, ...argv], options))
}

/** Runs a command line of `keydesk` that must succeed; resolves to its stdout. */
export async function expectOk(machine: Machine, argv: readonly string[], options: StartOptions = {}): Promise<string> {
  const { exit, out, err } = await run(machine, argv, options)
  if (exit !== 0) throw new Error(`${argv.join(' ')}: exit ${exit}\n${err}`)
  return out
}

/** Creates a desk of anna, unlocked for 24 hours. */
export async function createRealDesk(machine: Machine, options: StartOptions = {}): Promise<void> {
  const file = machine.keep('passphrase', PASSPHRASE)
  await expectOk(machine, ['init', '--org', 'Röntgen AG', '--operator', 'anna', '--passphrase-file', file], options)
  await expectOk(machine, ['unlock', '--for', '24h', '--passphrase-file', file], options)
}

/**
 * Invites a phone in this process, through the same agent and into the same store.
 */
export function inviteRealPhone(
  { home }: Machine,
  user = 'zoe@example.ch',
  more: readonly string[] = [],
): Promise<Phone> {
  return invitePhone({ home, agents: [], nowMs: Date.now() }, user, `phone of ${user}`, more)
}

export type Process = { readonly pid: number; readonly argv: string; readonly environ: string }

/** Every process with this machine's home in its environment (Linux). */
export function findProcesses({ home }: Pick<Machine, 'home'>): Process[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const look = (pid: string): Process | null => {
    try {
      const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'utf8')
      return { pid: Number(pid), argv: read('cmdline'), environ: read('environ') }
    } catch {
      // The process has ended meanwhile, or it belongs to another user.
      return null
    }
  }
  return pids.map(look).filter((found): found is Process => found?.environ.includes(`HOME=${home}\0`) === true)
}
