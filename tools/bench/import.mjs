/**
 * `node tools/bench/import.mjs [100000]`: measures what an import costs before the store writes it.
 * - It measures each part: read the file to rows, plan against an empty desk, draw random bytes, decide.
 * - It also measures the plan against a desk that already has all the devices, and the peak memory.
 * - Each run is a process of its own. It prints median, least and most of five runs, in milliseconds and MiB.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { planAt } from '../../src/commands/device/import-plan.ts'
import { DEVICE_FIELDS, readDeviceRow } from '../../src/commands/device/import-rows.ts'
import { decideImport, deviceBytes, drawDevices, userBytes } from '../../src/desk/import/devices.ts'
import { readImport } from '../../src/import/file.ts'
import { renderFleet } from '../../test/commands/fleet.ts'

const RUNS = 5
const say = (text) => process.stdout.write(`${text}\n`)
const random = (count) => new Uint8Array(randomBytes(count))
const context = { io: { err: () => undefined }, env: {}, places: { uid: null } }

/** Yields the records in `changes` as the store would yield them. */
function recordsOf(changes) {
  const of = (kind) =>
    async function* () {
      for (const { put, record } of changes) if (put === kind) yield record
    }
  return { devices: of('device'), users: of('user') }
}

async function measure(file, again) {
  const laps = {}
  let last = performance.now()
  const lap = (name) => {
    laps[name] = performance.now() - last
    last = performance.now()
  }
  const read = () => readImport(context, { quiet: true }, file, { fields: DEVICE_FIELDS, readRow: readDeviceRow })
  const rows = await read()
  lap('read')
  const { plan, before } = await planAt(recordsOf([]), rows, 1)
  lap('plan')
  const devices = drawDevices(plan, random(deviceBytes(plan)), before.devices.tags)
  lap('draw')
  const circumstances = { now: 1, operator: { operatorId: 'ab'.repeat(16), role: 'admin' } }
  const request = { plan, devices, userIds: random(userBytes(plan.newUsers)), provisioning: false }
  const { changes } = decideImport(request, circumstances)
  lap('decide')
  const all = { 'all of it': laps.read + laps.plan + laps.draw + laps.decide }
  const memory = process.resourceUsage().maxRSS / 1024
  if (!again) return { ...laps, ...all, 'most memory, MiB': memory }
  last = performance.now()
  await planAt(recordsOf(changes), rows, 1)
  lap('plan of the same again')
  return laps
}

function main(count) {
  const folder = mkdtempSync(join(tmpdir(), 'keydesk-import-'))
  const file = join(folder, 'fleet.csv')
  writeFileSync(file, renderFleet(count), { mode: 0o600 })
  const runOnce = (again) => {
    const { stdout, status } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), file, again], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error('a run failed')
    return JSON.parse(stdout)
  }
  const runs = Array.from({ length: RUNS }, () => ({ ...runOnce('again'), ...runOnce('') }))
  rmSync(folder, { recursive: true })
  say(`${count} devices; ${cpus()[0].model}, ${cpus().length} cores; Node ${process.versions.node}; ${RUNS} runs`)
  for (const name of Object.keys(runs[0])) {
    const values = runs.map((run) => run[name]).sort((a, b) => a - b)
    const [least, median, most] = [values[0], values[RUNS >> 1], values.at(-1)].map((value) => value.toFixed(0))
    say(`${name.padEnd(24)} ${median} (${least}–${most})`)
  }
}

const [what = '100000', again = ''] = process.argv.slice(2)
if (/^\d+$/.test(what)) main(Number(what))
else say(JSON.stringify(await measure(what, again !== '')))
