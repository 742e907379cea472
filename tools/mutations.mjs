/**
 * `npm run mutations [-- --only TEXT] [-- --sample N]`: shows that the tests catch defects. Each mutation of tools/mutations.json breaks one rule in the
 * sources; the tests that it names must then fail.
 * - It works on a temporary copy of the checkout as it stands. The checkout itself is never changed.
 * - The named tests run once unmutated first. They must pass, or a failure later says nothing.
 * - `--only TEXT` runs the mutations whose file or description contains the text.
 * - `--sample N` runs at most N mutations, spread over the list.
 */
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, readJson, root, say } from './runtime.mjs'

/** A mutation may cause an endless loop. */
const TEST_RUN_LIMIT_MS = 300_000

function readArguments() {
  try {
    const { only, sample } = parseArgs({
      options: { only: { type: 'string', default: '' }, sample: { type: 'string' } },
    }).values
    if (sample === undefined || Number(sample) > 0) return { only, sample: Number(sample ?? Number.POSITIVE_INFINITY) }
  } catch {
    // Reported below.
  }
  return fail('usage: npm run mutations [-- --only TEXT --sample N]')
}

/** At most `count` mutations, spread over the list. */
function pickSample(all, count) {
  const step = Math.max(1, Math.ceil(all.length / count))
  return all.filter((_, i) => i % step === 0)
}

const countIn = (text, part) => text.split(part).length - 1

/** The faults that make the list unusable. They are looked for before anything runs. */
function findListFaults(mutations) {
  return mutations.flatMap(({ file, what, find, replace, tests }) => {
    if (!existsSync(join(root, file))) return [`${file} does not exist: ${what}`]
    const absent = tests.filter((test) => !existsSync(join(root, test)))
    const faults = absent.map((test) => `${test} does not exist: ${what}`)
    if (tests.length === 0) faults.push(`${file} names no test: ${what}`)
    if (find === replace) faults.push(`${file} is not changed: ${what}`)
    const count = countIn(readFileSync(join(root, file), 'utf8'), find)
    if (count !== 1) faults.push(`${file} has the text ${count} times, once expected: ${what}`)
    return faults
  })
}

/** The files that git knows, and new ones that it does not ignore, as they are in the working tree. */
function copyCheckout(copy) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { status, stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  if (status !== 0) fail('git ls-files failed; this needs a git checkout')
  // A file that was deleted without git is still listed.
  const isThere = (path) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined
  for (const path of stdout.split('\0').filter((each) => each !== '' && isThere(each)))
    cpSync(join(root, path), join(copy, path), { verbatimSymlinks: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
}

let running = null
/** Vitest and its workers share a process group: a worker in an endless loop would outlive Vitest. */
const stopRunning = () => running !== null && process.kill(-running.pid, 'SIGKILL')

function runVitest(copy, report, tests) {
  const options = ['--bail', '1', '--no-coverage', '--no-cache', '--reporter', 'json', '--outputFile', report]
  rmSync(report, { force: true })
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...tests], {
      cwd: copy,
      stdio: 'ignore',
      detached: true,
    })
    running = child
    const timer = setTimeout(stopRunning, TEST_RUN_LIMIT_MS)
    child.on('close', (code) => {
      clearTimeout(timer)
      running = null
      resolve({ code, files: existsSync(report) ? readJson(report).testResults : [] })
    })
  })
}

const hasFailedTest = ({ assertionResults }) => assertionResults.some(({ status }) => status === 'failed')
/** Vitest lists a file that could not be loaded as failed, without tests. */
const couldNotLoad = ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0

/** `caught` takes a failed test; an exit code alone could also mean that Vitest found no test or crashed. */
function judge({ code, files }) {
  if (code === null) return 'MISSED (the tests did not end)'
  if (code === 0) return 'MISSED'
  if (files.some(hasFailedTest)) return 'caught'
  return files.some(couldNotLoad) ? 'caught (a test file did not load)' : 'MISSED (no test ran)'
}

/** Throws unless every test file ran and passed. */
async function requireGreen(copy, report, mutations) {
  const tests = [...new Set(mutations.flatMap((mutation) => mutation.tests))]
  const { code, files } = await runVitest(copy, report, tests)
  const passed = ({ status, assertionResults }) =>
    status === 'passed' && assertionResults.some((test) => test.status === 'passed')
  const isGreen = (test) => files.some((file) => file.name.endsWith(`/${test}`) && passed(file))
  const others = tests.filter((test) => !isGreen(test))
  if (code !== 0 || others.length > 0)
    throw new Error(`the tests must pass before anything is mutated; not green: ${others.join(' ') || 'vitest itself'}`)
  say(`${tests.length} test files pass unmutated`)
}

async function runMutation(copy, report, { file, find, replace, tests }) {
  const path = join(copy, file)
  const original = readFileSync(path, 'utf8')
  // A function: a plain replacement text gives `$` a meaning.
  writeFileSync(
    path,
    original.replace(find, () => replace),
  )
  try {
    return judge(await runVitest(copy, report, tests))
  } finally {
    writeFileSync(path, original)
  }
}

const { only, sample } = readArguments()
const list = readJson(join(root, 'tools', 'mutations.json'))
const faults = findListFaults(list)
if (faults.length > 0) fail(`tools/mutations.json does not fit the sources:\n${faults.join('\n')}`)
const chosen = pickSample(
  list.filter(({ file, what }) => `${file} ${what}`.includes(only)),
  sample,
)
if (chosen.length === 0) fail(`no mutation contains the text ${only}`)

const folder = mkdtempSync(join(tmpdir(), 'keydesk-mutations-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    stopRunning()
    process.exit(128 + constants.signals[signal])
  })
const copy = join(folder, 'copy')
const report = join(folder, 'report.json')
copyCheckout(copy)
await requireGreen(copy, report, chosen).catch((error) => fail(error.message))
let caught = 0
for (const mutation of chosen) {
  const started = performance.now()
  const verdict = await runMutation(copy, report, mutation)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  if (verdict.startsWith('caught')) caught++
  process.stdout.write(`${verdict}  ${mutation.file}  ${mutation.what}  ${seconds} s\n`)
}
process.stdout.write(`${caught} caught, ${chosen.length - caught} missed\n`)
if (caught < chosen.length) process.exitCode = 1
