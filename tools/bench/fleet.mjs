/**
 * Measures what a fleet costs: confirms in fleets of several sizes in turns, TAB, lists, an import, a batch,
 * bytes on disk.
 * - It uses the built program, its agent and real files.
 * - A wrong answer ends the benchmark.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderFleet } from '../../test/commands/fleet.ts'
import { describePace, describePair, measurePace, measureTurns } from './figures.mjs'
import {
  completeUser,
  confirmAll,
  confirmAny,
  createFleet,
  describeSearches,
  listAll,
  requireSame,
  searchFleet,
} from './fleet-desk.mjs'
import { createWorld, measurePeak, openDesk, PROGRAM, readAnswer, removeWorld, run, storeBytes } from './world.mjs'

/** At most this many repeats, because each takes seconds. */
const MOST_REPEATS = 3
const MOST_SEARCHES = 5
const repeat = (count, measure) => Array.from({ length: count }, measure)
const inSeconds = (milliseconds) => milliseconds / 1000
const paceOf = (world) => measurePace(() => run(world, ['-e', '0']))
const short = (count) => count.toLocaleString('en')

/** Measures `most` devices, and two smaller fleets for comparison. If `full`, also a million devices. */
export async function measureFleets({ row, title }, { rounds, most, full }) {
  const sizes = [10, Math.ceil(most / 10), most, ...(full ? [1_000_000] : [])]
  const fleets = []
  try {
    for (const size of sizes) fleets.push(await createFleet(size))
    title(`fleets of ${sizes.map(short).join(', ')}`)
    measureConfirms(row, fleets, rounds)
    measureTabs(row, fleets.slice(0, 3), rounds)
    const [, middle, large] = fleets
    measureLists(row, middle, large, rounds)
    const repeats = Math.min(rounds, MOST_REPEATS)
    await measureImport(row, large.size, repeats)
    measureBatch(row, large, repeats)
  } finally {
    for (const { world } of fleets) removeWorld(world)
  }
}

function measureConfirms(row, fleets, rounds) {
  const node = () => run(fleets[0].world, ['-e', '0'])
  const each = fleets.map((fleet) => () => confirmAny(fleet))
  const { bases, times, ratios } = measureTurns(node, each, rounds)
  for (const [i, { size }] of fleets.entries()) {
    const note = describePair(bases[i], times[i])
    row({ name: `reset confirm at ${short(size)} ÷ node -e 0`, values: ratios[i], bar: 2.1, note })
  }
  for (const [i, { size }] of fleets.entries())
    if (i > 0) {
      const values = times[i].map((time, round) => time / times[0][round])
      row({ name: `reset confirm at ${short(size)} ÷ at 10`, values, bar: 1.15 })
    }
}

/**
 * The agent reads the names when it receives the keys, and again after an import.
 * A search waits until they are read; a TAB does not. So each fleet is searched once before its TAB is measured.
 */
function measureTabs(row, fleets, rounds) {
  for (const fleet of fleets) searchFleet(fleet, describeSearches(fleet)[0])
  const node = () => run(fleets[0].world, ['-e', '0'])
  const each = fleets.map((fleet) => () => completeUser(fleet))
  const { bases, times, ratios } = measureTurns(node, each, rounds)
  for (const [i, { size }] of fleets.entries()) {
    const note = describePair(bases[i], times[i])
    row({ name: `TAB, a user, at ${short(size)} ÷ node -e 0`, values: ratios[i], bar: 2, note })
  }
}

function measureLists(row, middle, large, rounds) {
  const repeats = Math.min(rounds, MOST_SEARCHES)
  const seconds = { unit: ' s', digits: 2 }
  const at = `at ${short(large.size)}`
  for (const search of describeSearches(large)) {
    const values = repeat(repeats, () => inSeconds(searchFleet(large, search)))
    row({ ...seconds, name: `device list --limit 20 --search, ${search.what}, ${at}`, values, bar: 0.8 })
  }
  const { values, note } = timeSeconds(large, listAll, repeats)
  row({ ...seconds, name: `device list --ndjson, ${at}`, values, bar: 1.0, note })
  for (const fleet of [middle, large]) {
    const peaks = repeat(Math.min(repeats, MOST_REPEATS), () => listAll(fleet, measurePeak))
    row({ name: `its peak memory at ${short(fleet.size)}`, unit: ' MB', digits: 0, values: peaks, bar: 160 })
  }
}

/** `values` are seconds. `note` compares them with the pace of the machine. */
function timeSeconds(fleet, measure, repeats) {
  const paces = []
  const values = repeat(repeats, () => {
    paces.push(paceOf(fleet.world))
    return inSeconds(measure(fleet))
  })
  return { values, note: describePace(paces, values) }
}

/** Imports a file as device management exports it, into a new desk each time. Separate runs measure the peak memory. */
async function measureImport(row, size, repeats) {
  const seconds = []
  const bytes = []
  const peaks = []
  const paces = []
  for (let i = 0; i < repeats; i++) {
    const timed = await importOnce(size, (world, args) => {
      paces.push(paceOf(world))
      return run(world, args)
    })
    seconds.push(inSeconds(timed.measured))
    bytes.push(timed.bytes / size)
    peaks.push((await importOnce(size, measurePeak)).measured)
  }
  const note = describePace(paces, seconds)
  row({ name: `device import of ${short(size)}, durable`, unit: ' s', values: seconds, bar: 3, note })
  row({ name: 'its peak memory', unit: ' MB', digits: 0, values: peaks, bar: 300 })
  row({ name: 'the store then, a device', unit: ' bytes', digits: 0, values: bytes, bar: 700 })
}

async function importOnce(size, measure) {
  const world = await createWorld()
  try {
    openDesk(world)
    const file = join(world.home, 'export.csv')
    writeFileSync(file, renderFleet(size), { mode: 0o600 })
    const measured = measure(world, [PROGRAM, 'device', 'import', file, '--json', '--quiet'])
    requireSame('devices added', JSON.parse(readAnswer(world)).added, size)
    return { measured, bytes: storeBytes(world) }
  } finally {
    removeWorld(world)
  }
}

function measureBatch(row, fleet, repeats) {
  const { values, note } = timeSeconds(fleet, confirmAll, repeats)
  row({ name: `reset confirm --batch - of ${short(fleet.size)}, each audited`, unit: ' s', values, bar: 6, note })
  const peaks = [confirmAll(fleet, measurePeak)]
  row({ name: 'its peak memory', unit: ' MB', digits: 0, values: peaks })
  const bytes = [storeBytes(fleet.world) / fleet.size]
  row({ name: `the store with ${repeats + 1} confirms a device on record`, unit: ' bytes', digits: 0, values: bytes })
}
