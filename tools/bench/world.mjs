/**
 * Makes a desk for the benchmark in a temporary folder, and runs and times programs there.
 * - The desk is made by the commands that a user types.
 * - Output goes to files, so that the time to read it is not measured.
 * - A program that fails ends the benchmark.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemPlaces } from '../../src/workstation/places.ts'
import { root } from '../runtime.mjs'

export const PROGRAM = join(root, 'dist', 'keydesk.cjs')

/** Makes the folders and the environment, but no desk yet. */
export async function createWorld() {
  const home = mkdtempSync(join(tmpdir(), 'keydesk-bench-'))
  const { NODE_EXTRA_CA_CERTS: _slow, NODE_OPTIONS: _other, ...inherited } = process.env
  const places = { config: 'XDG_CONFIG_HOME', data: 'XDG_DATA_HOME', cache: 'XDG_CACHE_HOME', run: 'XDG_RUNTIME_DIR' }
  const env = { ...inherited, HOME: home, LOCALAPPDATA: home, NO_COLOR: '1' }
  for (const [folder, variable] of Object.entries(places)) {
    env[variable] = join(home, folder)
    mkdirSync(env[variable], { mode: 0o700 })
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const library = await import('../../dist/library/crypto/index.js')
  const files = Object.fromEntries(['out', 'err', 'peak', 'passphrase'].map((name) => [name, join(home, name)]))
  return { home, env, version, library, ...files }
}

/** Ends the agent, if there is one, and deletes the folder. */
export function removeWorld(world) {
  spawnSync(process.execPath, [PROGRAM, 'lock'], { env: world.env, stdio: 'ignore' })
  rmSync(world.home, { recursive: true, force: true })
}

/** Makes the desk and unlocks it: the agent then holds the keys. */
export function openDesk(world) {
  writeFileSync(world.passphrase, 'a passphrase for the benchmark\n', { mode: 0o600 })
  keydesk(world, 'init', '--org', 'Bench', '--operator', 'bench', '--passphrase-file', world.passphrase)
  keydesk(world, 'unlock', '--passphrase-file', world.passphrase)
}

/** Milliseconds of one run of any program. `input` is the path of a file for stdin. Throws on a nonzero exit code. */
export function runProgram(world, file, args, { input = null } = {}) {
  const [out, err] = [openSync(world.out, 'w'), openSync(world.err, 'w')]
  const stdin = input === null ? 'ignore' : openSync(input, 'r')
  const started = process.hrtime.bigint()
  const { status, error } = spawnSync(file, args, { cwd: world.home, env: world.env, stdio: [stdin, out, err] })
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6
  for (const opened of [out, err, stdin]) if (opened !== 'ignore') closeSync(opened)
  if (error === undefined && status === 0) return milliseconds
  const said = readFileSync(world.err, 'utf8').slice(0, 2_000)
  throw new Error(`${[file, ...args].slice(0, 5).join(' ')} ended with ${error?.code ?? status}\n${said}`)
}

/** Milliseconds of one run of Node with `args`. */
export const run = (world, args, options) => runProgram(world, process.execPath, args, options)

export const readAnswer = (world) => readFileSync(world.out, 'utf8')

/** Runs a command and returns its stdout. */
export function keydesk(world, ...args) {
  run(world, [PROGRAM, ...args])
  return readAnswer(world)
}

/** The peak memory of a Node program in megabytes (10⁶ bytes). */
export function measurePeak(world, args, options) {
  world.env.KEYDESK_BENCH_PEAK = world.peak
  run(world, ['--require', join(root, 'tools', 'bench', 'peak-memory.cjs'), ...args], options)
  return (Number(readFileSync(world.peak, 'utf8')) * 1024) / 1e6
}

export function storeBytes(world) {
  return statSync(systemPlaces(process.platform, world.env, process.getuid?.() ?? null).store).size
}
