/**
 * `npm run bench [-- JOB …]`: measures what keydesk costs, and compares it with other tools.
 * - Without a name it runs the jobs `calls`, `fleet` and `others`.
 * - A part of the name of a row of `calls` runs that row.
 * - The jobs `audit`, `store`, `import` and `profile` run only if they are named.
 * - Everything is real: the built programs, desks made by the real commands, an agent that holds the keys.
 * - Every answer is checked. Only a wrong answer fails: a bar that is missed is printed as `over`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fail, root } from '../runtime.mjs'
import { CALL_NAMES, measureCalls } from './calls.mjs'
import { createRows, describeMachine } from './figures.mjs'
import { createWorld, keydesk, openDesk, removeWorld } from './world.mjs'

const HELP = `npm run bench [-- JOB … --rounds 40 --devices 100000 --entries 100000 --full --markdown]
  jobs: calls fleet others (all three unless told), audit store import profile
  or a part of the name of a row of calls: ${CALL_NAMES.join(' | ')}
  --full: fleets of a million devices too`

const JOBS = {
  calls: (rows, settings) => measureCalls(rows, { ...settings, parts: [] }),
  fleet: async (rows, settings) => (await import('./fleet.mjs')).measureFleets(rows, settings),
  others: async (rows, settings) => (await import('./others.mjs')).measureOthers(rows, settings),
  profile: async (rows, settings) => (await import('./profile.mjs')).measureProfiles(rows, settings),
  audit: (rows, { entries }) => measureStores(rows, 'measureRecord', entries),
  store: (rows, { most }) => measureStores(rows, 'measureStore', most),
  import: (_, { most }) => measureParts(most),
}
const USUAL = ['calls', 'fleet', 'others']

async function measureStores({ say }, measure, count) {
  const world = await createWorld()
  try {
    openDesk(world)
    await (await import('./store.mjs'))[measure](world, keydesk, say, count)
  } finally {
    removeWorld(world)
  }
}

/** Runs import.mjs as a process of its own, because it measures the peak memory of its processes. */
function measureParts(count) {
  const file = join(root, 'tools', 'bench', 'import.mjs')
  const { status } = spawnSync(process.execPath, [file, String(count)], { stdio: 'inherit' })
  if (status !== 0) throw new Error('the parts of an import could not be measured')
}

function readArguments() {
  const options = {
    rounds: { type: 'string', default: '40' },
    entries: { type: 'string', default: '100000' },
    devices: { type: 'string', default: '100000' },
    full: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  }
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [rounds, entries, most] = [values.rounds, values.entries, values.devices].map(Number)
    const unknown = positionals.find(
      (name) => !Object.hasOwn(JOBS, name) && !CALL_NAMES.some((call) => call.includes(name)),
    )
    const isRight = [rounds, entries, most].every((count) => Number.isSafeInteger(count) && count > 0)
    if (unknown === undefined && isRight) return { names: positionals, ...values, rounds, entries, most }
  } catch {
    // `fail` below prints the usage.
  }
  return fail(HELP)
}

async function main() {
  const { names, ...settings } = readArguments()
  const rows = createRows(settings.markdown)
  rows.say(describeMachine())
  const chosen = names.length === 0 ? USUAL : Object.keys(JOBS).filter((name) => names.includes(name))
  const parts = names.filter((name) => !Object.hasOwn(JOBS, name))
  try {
    if (parts.length > 0) await measureCalls(rows, { ...settings, parts })
    for (const name of chosen) await JOBS[name](rows, settings)
  } catch (error) {
    process.stderr.write(`bench: ${error.message}\n`)
    process.exitCode = 1
  }
}

await main()
