/**
 * `npm run torture [-- CAMPAIGN … --rounds N]`: runs the long forms of the tests that repeat a case many times.
 * - The campaigns run one after the other. Their figures are printed at the end.
 * - `npm test` runs a short form of the same test files.
 * - docs/reliability.md says what each campaign promises.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, root, runInPlace, say } from './runtime.mjs'

/**
 * `rounds`: the default of `--rounds`, or null if the number of cases is fixed.
 * `memory`: temporary files go to /dev/shm, because the campaign does not test durability and need not wait for a disk.
 */
const CAMPAIGNS = [
  { name: 'kill', rounds: 2000, files: ['test/torture/kill.test.ts'] },
  { name: 'restore', rounds: 40, files: ['test/acceptance/restored.test.ts'] },
  { name: 'device', rounds: 200, files: ['test/device/kill.test.ts'] },
  { name: 'contend', rounds: 250, files: ['test/torture/contend.test.ts'] },
  { name: 'flip', rounds: null, memory: true, files: ['test/torture/flip.test.ts'] },
  { name: 'swap', rounds: null, memory: true, files: ['test/torture/swap.test.ts'] },
  { name: 'full', rounds: 300, files: ['test/torture/full.test.ts'] },
  { name: 'faults', rounds: null, memory: true, files: ['test/torture/faults.test.ts'] },
  { name: 'rollback', rounds: null, files: ['test/agent/anchor.test.ts', 'test/commands/store.test.ts'] },
  { name: 'clock', rounds: null, memory: true, files: ['test/torture/clock.test.ts'] },
  { name: 'canary', rounds: 10, files: ['test/torture/canary.test.ts', 'test/acceptance/secrets.test.ts'] },
  { name: 'codes', rounds: null, memory: true, files: ['test/acceptance/any-code.test.ts'] },
  { name: 'pins', rounds: null, memory: true, files: ['test/device/pin.test.ts', 'test/acceptance/pin-once.test.ts'] },
  { name: 'totp', rounds: null, memory: true, files: ['test/acceptance/totp.test.ts'] },
  { name: 'qr', rounds: null, files: ['test/acceptance/totp-scan.test.ts'] },
]

function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options: { rounds: { type: 'string' } }, allowPositionals: true })
    const unknown = positionals.find((name) => CAMPAIGNS.every((campaign) => campaign.name !== name))
    if (unknown === undefined && /^([1-9][0-9]*)?$/.test(values.rounds ?? '')) return { ...values, names: positionals }
  } catch {
    // `fail` below prints the usage.
  }
  return fail(
    `usage: npm run torture [-- CAMPAIGN … --rounds N]\ncampaigns: ${CAMPAIGNS.map(({ name }) => name).join(' ')}`,
  )
}

async function runCampaign({ name, files, rounds, memory }, wanted, report) {
  const times = rounds === null ? '1' : (wanted ?? String(rounds))
  say(rounds === null ? name : `${name}, ${times} rounds`)
  const quick = memory && existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}
  const env = { ...process.env, ...quick, KEYDESK_TORTURE: times, KEYDESK_TORTURE_REPORT: report }
  const started = performance.now()
  const code = await runInPlace(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...files], {
    cwd: root,
    env,
  })
  return { name, held: code === 0, minutes: ((performance.now() - started) / 60_000).toFixed(1) }
}

const { rounds, names } = readArguments()
const chosen = CAMPAIGNS.filter(({ name }) => names.length === 0 || names.includes(name))
const folder = mkdtempSync(join(tmpdir(), 'keydesk-torture-'))
const report = join(folder, 'report')
const ended = []
for (const campaign of chosen) ended.push(await runCampaign(campaign, rounds, report))
process.stdout.write(`${cpus()[0].model}, ${cpus().length} cores; Node ${process.version}\n`)
if (existsSync(report)) process.stdout.write(readFileSync(report, 'utf8'))
rmSync(folder, { recursive: true })
for (const { name, held, minutes } of ended)
  process.stdout.write(`${name}: ${held ? 'held' : 'FAILED'}, ${minutes} min\n`)
if (ended.some(({ held }) => !held)) process.exitCode = 1
