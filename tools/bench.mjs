/**
 * `npm run bench [-- --rounds 40] [JOB …]`, `npm run bench -- audit [--entries 1000000]` and `-- store [--devices 100000]` (tools/bench-store.mjs): how long the programs take, as ratios to `node -e 0`. The two are run in turns
 * (A B A B …) and each B is divided by the A before it, so that a machine that is busy for a while slows both. Everything is
 * real: the built programs, a store made by the real commands, an agent that holds the keys, a fresh epoch for every confirm,
 * and every answer compared with what the crypto library derives. It is a benchmark and not a test: a bar that is missed is
 * printed as `over`; only a wrong answer makes it fail.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './runtime.mjs'

const PROGRAM = join(root, 'dist', 'keydesk.cjs')
const WARM_UPS = 3
/** How far the median of `node -e 0` may lie above its best before the figures are called doubtful. */
const BUSY = 1.3

/**
 * A row a job. `args(world)` is called before each run and may draw a fresh epoch; `expect(world)` is the stdout that this
 * run must print. `bar` is in the unit of the row: a ratio to `node -e 0`, or mebibytes of peak memory.
 */
const JOBS = [
  { name: '--version', bar: 1.3, args: () => ['--version'], expect: ({ version }) => version },
  {
    name: 'TAB, a command',
    bar: 2.0,
    args: () => ['complete', 'bash', 'keydesk reset con', ''],
    expect: () => 'words\nconfirm',
  },
  {
    name: 'TAB, a name',
    bar: 2.0,
    args: () => ['complete', 'bash', 'keydesk user show an', ''],
    expect: () => 'words\nanna',
  },
  { name: 'reset check', bar: 2.0, args: (world) => ['reset', 'check', resetCode(world)], expect: null },
  { name: 'reset confirm', bar: 2.2, args: confirmArgs, expect: confirmationCode },
  { name: 'reset confirm, peak memory', unit: 'MiB', bar: 70, args: confirmArgs, expect: confirmationCode },
]

function resetCode({ library, secret, device }) {
  return library.deriveResetCode(secret, device)
}

function confirmationCode({ library, secret, device }) {
  return library.deriveConfirmationCode(secret, device)
}

function confirmArgs(world) {
  world.device.epoch += 1
  return ['reset', 'confirm', resetCode(world), '--verified-by', 'callback']
}

/** Runs a Node program with its output in files, so that reading it costs the measurement nothing. */
function run(world, args) {
  const out = openSync(world.out, 'w')
  const err = openSync(world.err, 'w')
  const started = process.hrtime.bigint()
  const { status, error } = spawnSync(process.execPath, args, { env: world.env, stdio: ['ignore', out, err] })
  const milliseconds = Number(process.hrtime.bigint() - started) / 1e6
  closeSync(out)
  closeSync(err)
  if (error === undefined && status === 0) return milliseconds
  throw new Error(
    `${args.slice(1, 4).join(' ')} ended with ${error?.code ?? status}\n${readFileSync(world.err, 'utf8')}`,
  )
}

const keydesk = (world, ...args) => {
  run(world, [PROGRAM, ...args])
  return readFileSync(world.out, 'utf8')
}

function runJob(world, job, before = []) {
  const milliseconds = run(world, [...before, PROGRAM, ...job.args(world)])
  const answer = readFileSync(world.out, 'utf8').trim()
  const expected = job.expect?.(world) ?? answer
  if (answer !== expected || answer === '') throw new Error(`${job.name} did not print what it should`)
  return milliseconds
}

/** A desk of its own in a temporary folder, made by the commands that a user types. */
async function createWorld() {
  const home = mkdtempSync(join(tmpdir(), 'keydesk-bench-'))
  const { NODE_EXTRA_CA_CERTS: _slow, NODE_OPTIONS: _other, ...inherited } = process.env
  const places = { config: 'XDG_CONFIG_HOME', data: 'XDG_DATA_HOME', cache: 'XDG_CACHE_HOME', run: 'XDG_RUNTIME_DIR' }
  const env = { ...inherited, HOME: home, LOCALAPPDATA: home, NO_COLOR: '1' }
  for (const [folder, variable] of Object.entries(places)) {
    env[variable] = join(home, folder)
    mkdirSync(env[variable], { mode: 0o700 })
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const library = await import('../dist/library/crypto/index.js')
  return { home, env, version, library, out: join(home, 'stdout'), err: join(home, 'stderr'), peak: join(home, 'peak') }
}

/** Makes the store, unlocks it, and enrols a device of which only the crypto library knows. */
function prepareDesk(world) {
  const passphrase = join(world.home, 'passphrase')
  writeFileSync(passphrase, 'a passphrase for the benchmark\n', { mode: 0o600 })
  keydesk(world, 'init', '--org', 'Bench', '--operator', 'bench', '--passphrase-file', passphrase)
  keydesk(world, 'unlock', '--passphrase-file', passphrase)
  const { invitation, enrolmentCode } = JSON.parse(keydesk(world, 'device', 'invite', '--user', 'anna', '--json'))
  const { decodeInvitation, openSlot, asDeviceSecret, stripHyphens } = world.library
  const { id, tag, slot } = decodeInvitation(invitation)
  const typed = new TextEncoder().encode(stripHyphens(enrolmentCode))
  const opened = openSlot(typed, slot, { kind: 'enrolment', context: id, logN: 17 })
  if (!opened.ok) throw new Error(`the invitation's slot is ${opened.why}`)
  world.secret = asDeviceSecret(opened.payload)
  world.device = { id, tag, epoch: 0 }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function measureRatios(world, job, rounds) {
  for (let i = 0; i < WARM_UPS; i++) runJob(world, job)
  const pairs = Array.from({ length: rounds }, () => ({ a: run(world, ['-e', '0']), b: runJob(world, job) }))
  const base = median(pairs.map(({ a }) => a))
  const busy = base > BUSY * Math.min(...pairs.map(({ a }) => a)) ? '; the machine is busy, so this says little' : ''
  const own = median(pairs.map(({ b }) => b))
  return { values: pairs.map(({ a, b }) => b / a), note: `${own.toFixed(1)} ms against ${base.toFixed(1)} ms${busy}` }
}

function measureMemory(world, job, rounds) {
  world.env.KEYDESK_BENCH_PEAK = world.peak
  const hook = ['--require', join(root, 'tools', 'peak-memory.cjs')]
  const peak = () => Number(readFileSync(world.peak, 'utf8')) / 1024
  const values = Array.from({ length: Math.min(rounds, 10) }, () => {
    runJob(world, job, hook)
    return peak()
  })
  run(world, [...hook, '-e', '0'])
  return { values, note: `node -e 0 alone: ${peak().toFixed(1)} MiB` }
}

function printRow(job, { values, note }) {
  const middle = median(values)
  const digits = job.unit === undefined ? 2 : 1
  const unit = job.unit === undefined ? '×' : ' MiB'
  const spread = `${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)}`
  const verdict = middle <= job.bar ? 'ok' : 'over'
  const cells = [job.name.padEnd(28), `${middle.toFixed(digits)}${unit}`.padStart(9), spread.padStart(12)]
  process.stdout.write(`${cells.join('  ')}  bar ${job.bar.toFixed(digits)}  ${verdict.padEnd(4)}  ${note}\n`)
}

const say = (row) => process.stdout.write(`${row}\n`)

async function main() {
  const options = {
    rounds: { type: 'string', default: '40' },
    entries: { type: 'string', default: '100000' },
    devices: { type: 'string', default: '10000' },
  }
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const rounds = Number(values.rounds)
  const jobs = JOBS.filter(({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
  const { model } = cpus()[0]
  process.stdout.write(`${model}, ${cpus().length} cores; Node ${process.version}; ${rounds} pairs a row, medians\n`)
  const world = await createWorld()
  try {
    const measures = { audit: ['measureRecord', values.entries], store: ['measureStore', values.devices] }
    const asked = Object.keys(measures).filter((name) => positionals.includes(name))
    if (asked.length > 0 || jobs.some(({ name }) => name !== '--version')) prepareDesk(world)
    for (const [measure, count] of asked.map((name) => measures[name]))
      await (await import('./bench-store.mjs'))[measure](world, keydesk, say, Number(count))
    for (const job of jobs) printRow(job, (job.unit === undefined ? measureRatios : measureMemory)(world, job, rounds))
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`)
    process.exitCode = 1
  } finally {
    spawnSync(process.execPath, [PROGRAM, 'lock'], { env: world.env, stdio: 'ignore' })
    rmSync(world.home, { recursive: true, force: true })
  }
}

await main()
