/**
 * `npm run bench -- profile`: prints where the time of keydesk's commands goes, measured with `--cpu-prof`.
 * - Where the agent does the work, it is profiled too.
 * - The time of Node before and after the profile is the rest of the run.
 * - Sampling itself costs a few percent, so the sums are not benchmark figures.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { renderFleet } from '../../test/commands/fleet.ts'
import { confirmAll, confirmAny, createFleet, describeSearches, listAll, searchFleet } from './fleet-desk.mjs'
import { addParts, START, sumProfile } from './modules.mjs'
import { createWorld, keydesk, openDesk, PROGRAM, removeWorld, run } from './world.mjs'

const SHORT_RUNS = 20
const TIGHT = '--max-semi-space-size=8'
/** Parts with a smaller share of the whole are not printed. */
const LEAST_SHARE = 0.01
const folderOf = ({ home }) => join(home, 'profiles')
const profiling = (folder) => ['--cpu-prof', '--cpu-prof-interval', '250', '--cpu-prof-dir', folder]

function takeProfile(world) {
  const folder = folderOf(world)
  const [file] = readdirSync(folder)
  const profile = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  rmSync(folder, { recursive: true })
  return profile
}

/** Used instead of `run`. Returns the parts of one run, including the milliseconds outside of the profile. */
function runProfiled(world, args, options) {
  mkdirSync(folderOf(world), { recursive: true })
  const milliseconds = run(world, [...profiling(folderOf(world)), ...args], options)
  const profile = takeProfile(world)
  const outside = milliseconds - (profile.endTime - profile.startTime) / 1000
  return addParts(sumProfile(profile), new Map([[START, new Map([['outside of the profile', outside]])]]))
}

/** Replaces the agent by one that is profiled from start to end, and runs `work`. Idle time does not count. */
async function profileAgent({ world }, work) {
  keydesk(world, 'lock')
  // The old agent must have ended: an agent ends at once if another one runs.
  await sleep(1_000)
  mkdirSync(folderOf(world), { recursive: true })
  const agent = spawn(process.execPath, [...profiling(folderOf(world)), PROGRAM, '__agent'], {
    env: world.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = new Promise((resolve) => agent.once('exit', resolve))
  // The agent prints a line when it listens.
  await new Promise((resolve) => agent.stdout.once('data', resolve))
  keydesk(world, 'unlock', '--passphrase-file', world.passphrase)
  work()
  if (agent.exitCode !== null) throw new Error('the agent that was to be profiled did not do the work')
  keydesk(world, 'lock')
  await Promise.race([ended, sleep(10_000)])
  const parts = sumProfile(takeProfile(world))
  parts.delete('waiting: agent, disk, reader')
  keydesk(world, 'unlock', '--passphrase-file', world.passphrase)
  return parts
}

function printParts({ row, title }, name, parts, runs) {
  const sums = Array.from(parts, ([part, modules]) => {
    const sorted = [...modules].sort(([, a], [, b]) => b - a)
    return { part, most: sorted[0], milliseconds: sorted.reduce((sum, [, each]) => sum + each, 0) / runs }
  }).sort((a, b) => b.milliseconds - a.milliseconds)
  const all = sums.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  title(`${name}: ${all.toFixed(1)} ms`)
  for (const { part, most, milliseconds } of sums) {
    if (milliseconds < all * LEAST_SHARE) continue
    const note = `${((milliseconds / all) * 100).toFixed(0)} %; most in ${most[0]}, ${(most[1] / runs).toFixed(1)} ms`
    row({ name: part, values: [milliseconds], unit: ' ms', digits: 1, note })
  }
}

async function profileImport(rows, size) {
  const world = await createWorld()
  try {
    openDesk(world)
    const file = join(world.home, 'export.csv')
    writeFileSync(file, renderFleet(size), { mode: 0o600 })
    // Without this flag the program would restart itself with it, and the profile would miss the import.
    const parts = runProfiled(world, [TIGHT, PROGRAM, 'device', 'import', file, '--json', '--quiet'])
    printParts(rows, `device import of ${size}, its first thread`, parts, 1)
  } finally {
    removeWorld(world)
  }
}

export async function measureProfiles(rows, { most }) {
  const fleet = await createFleet(most)
  try {
    const short = new Map()
    for (let i = 0; i < SHORT_RUNS; i++) addParts(short, confirmAny(fleet, runProfiled))
    printParts(rows, 'reset confirm', short, SHORT_RUNS)
    const confirms = () => Array.from({ length: SHORT_RUNS * 5 }, () => confirmAny(fleet))
    const inAgent = await profileAgent(fleet, confirms)
    printParts(rows, 'the agent, a confirm (of 100, with its start)', inAgent, SHORT_RUNS * 5)
    printParts(rows, `device list --ndjson of ${most}, its first thread`, listAll(fleet, runProfiled), 1)
    for (const search of describeSearches(fleet))
      printParts(rows, `device list --search, ${search.what}`, searchFleet(fleet, search, runProfiled), 1)
    printParts(rows, `reset confirm --batch - of ${most}`, confirmAll(fleet, runProfiled), 1)
    const batch = await profileAgent(fleet, () => confirmAll(fleet))
    printParts(rows, 'the agent, that batch again', batch, 1)
  } finally {
    removeWorld(fleet.world)
  }
  await profileImport(rows, most)
}
