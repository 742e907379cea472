/**
 * Measures the same jobs with other tools and with keydesk in turns, each ÷ the `node -e 0` before it.
 * - As root, it installs missing tools with apt-get.
 * - A tool that is still missing has a row without figures that says so.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderFleet } from '../../test/commands/fleet.ts'
import { describePair, measureTurns } from './figures.mjs'
import { createFleet, describeSearches, listAll, requireSame, searchFleet } from './fleet-desk.mjs'
import { OTHERS } from './other-tools.mjs'
import { measureCodes } from './totp.mjs'
import { createWorld, PROGRAM, readAnswer, removeWorld, run } from './world.mjs'

const SIZES = [10, 1_000, 10_000]
/** Some jobs take almost a second a round. */
const MOST_ROUNDS = 10
const JOBS = { read: 'read one', find: 'find one by name', list: 'list all', add: 'add one' }

const isThere = (program) => spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0

/** Never throws: a tool that cannot be installed stays missing. */
function installMissing(tools) {
  const missing = tools.filter(({ program }) => !isThere(program)).map((tool) => tool.package)
  if (missing.length === 0 || process.getuid?.() !== 0 || !isThere('apt-get')) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env, stdio: 'ignore' })
}

function describeVersion(tool) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', `\${Version}`, tool.package], { encoding: 'utf8' })
  return `${tool.program} ${status === 0 ? stdout : '(not of Debian)'}`
}

/** The jobs of keydesk: it reads a device instead of an entry, and adds one by an import of one line. */
function prepareOurs(fleet) {
  const { world, size } = fleet
  const user = describeSearches(fleet).find(({ devices }) => devices !== undefined)
  let added = 0
  return {
    read: () => {
      const at = added++ % size
      const milliseconds = run(world, [PROGRAM, 'device', 'show', fleet.idOf(at), '--json'])
      requireSame('device show', JSON.parse(readAnswer(world)).deviceId, fleet.idOf(at))
      return milliseconds
    },
    find: () => searchFleet(fleet, user),
    list: () => listAll(fleet),
    add: () => addDevice(world, size + added++),
  }
}

function addDevice(world, at) {
  const file = join(world.home, 'one.csv')
  writeFileSync(file, renderFleet(1, { from: at }))
  const milliseconds = run(world, [PROGRAM, 'device', 'import', file, '--json', '--quiet'])
  requireSame('devices added', JSON.parse(readAnswer(world)).added, 1)
  return milliseconds
}

/** Measures all tools at one size, each job in turns. A tool that cannot be set up has a row that says why. */
function measureSize(row, { fleet, world, tools, rounds }) {
  const at = fleet.size.toLocaleString('en')
  const contestants = [{ program: 'keydesk', jobs: prepareOurs(fleet) }]
  for (const { program, prepare } of tools)
    try {
      contestants.push({ program, jobs: prepare(world, fleet.size) })
    } catch (error) {
      row({ name: `${program} with ${at}`, values: [], note: `could not be set up: ${error.message.split('\n')[0]}` })
    }
  const node = () => run(world, ['-e', '0'])
  for (const [job, what] of Object.entries(JOBS)) {
    const each = contestants.map(({ jobs }) => jobs[job])
    const { bases, times, ratios } = measureTurns(node, each, Math.min(rounds, MOST_ROUNDS))
    for (const [i, { program }] of contestants.entries())
      row({ name: `${what} of ${at}: ${program}`, values: ratios[i], note: describePair(bases[i], times[i]) })
  }
}

export async function measureOthers({ row, title, say }, { rounds, most }) {
  const all = [...OTHERS, { program: 'oathtool', package: 'oathtool' }]
  installMissing(all)
  const there = all.filter(({ program }) => isThere(program))
  say(`\n${there.map(describeVersion).join(', ')}`)
  title('what others do, ÷ node -e 0')
  for (const { program, package: name } of all.filter((tool) => !there.includes(tool)))
    row({ name: program, values: [], note: `not installed here: apt-get install ${name}` })
  const tools = OTHERS.filter((tool) => there.includes(tool))
  const world = await createWorld()
  try {
    for (const size of SIZES.filter((each) => each <= most)) {
      const fleet = await createFleet(size)
      try {
        measureSize(row, { fleet, world, tools, rounds })
      } finally {
        removeWorld(fleet.world)
      }
    }
    const hasOathtool = there.some(({ program }) => program === 'oathtool')
    await measureCodes(row, { rounds, hasOathtool })
  } finally {
    if (world.env.GNUPGHOME !== undefined) spawnSync('gpgconf', ['--kill', 'all'], { env: world.env })
    removeWorld(world)
  }
}
