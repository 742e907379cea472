/**
 * Measures what the audit log costs as it grows, and what it costs to verify a store of many devices.
 * - It verifies 100,000 entries with the built program.
 * - It appends one entry to a store of 10 entries, and to larger ones (up to --entries).
 * - The library fills the stores, with the keys that the agent holds. The entries are genuine, but one transaction
 *   writes many of them.
 */
import { randomBytes } from 'node:crypto'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { askAgent } from '../../src/agent/client.ts'
import { decodeKeys } from '../../src/agent/keys.ts'
import { chainEntry } from '../../src/crypto/audit-chain.ts'
import { allow } from '../../src/desk/decision.ts'
import { openDesk } from '../../src/store/desk.ts'
import { createSealer, entryId } from '../../src/store/sealer.ts'
import { openSqlite } from '../../src/store/sqlite/open.ts'
import { verifyStore } from '../../src/store/verify/store.ts'
import { systemPlaces } from '../../src/workstation/places.ts'

/** Entries in one transaction. More would take too much memory. */
const BATCH = 20_000
const APPENDS = 60
const random = (count) => new Uint8Array(randomBytes(count))

/** The audit entry of an ordinary confirm. */
const contentOf = (seq, operator) => ({
  action: 'reset.confirm',
  subject: { kind: 'device', id: '0'.repeat(32), name: 'phone of zoe@example.ch', user: 'zoe@example.ch' },
  outcome: 'ok',
  details: { tag: 'NBAJN', epoch: seq % 1000, verifiedBy: 'callback', ticket: `HD-${seq}`, repeated: false },
  at: 1_772_442_000_000 + seq * 1000,
  operator,
})

/** Asks the agent for the keys. Returns the path of the store, and `open`, which opens the desk in any copy of it. */
async function findBench(world) {
  const uid = process.getuid?.() ?? null
  const places = systemPlaces(process.platform, world.env, uid)
  const held = await askAgent(places, { store: undefined, operator: undefined })
  const { keys, opened } = decodeKeys(held.keys)
  const open = async (path) => {
    const engine = openSqlite(path, { uid })
    return { engine, keys, opened, desk: await openDesk(engine, keys, { clock: Date.now, random }, { opened }) }
  }
  return { store: places.store, open }
}

/** Adds entries until there are `target`. */
async function fillRecord({ engine, keys, opened, desk }, target) {
  const now = () => engine.read(async (snapshot) => (await snapshot.lastEntry()).seq)
  for (let count = await now(); count < target; count = await now()) {
    await engine.commit(async (commit) => {
      const sealer = createSealer(opened.keyring, commit.storeId, random)
      let last = await commit.lastEntry()
      for (let seq = count + 1; seq <= Math.min(count + BATCH, target); seq++) {
        const body = sealer.sealListed('entry', entryId(seq), contentOf(seq, desk.me.name))
        const content = { seq, operatorId: keys.operatorId, generation: sealer.generation, digest: last.digest, body }
        last = chainEntry(keys.signingSeed, commit.storeId, last.hash, content)
        await commit.appendEntry(last)
      }
    })
  }
}

/** Milliseconds of appending one durable entry to each of two stores, in turns, so that a busy machine slows both. */
async function measureAppends(small, large) {
  const append = async ({ desk }) => {
    const started = performance.now()
    await desk.commit(async () => allow({ action: 'bench.act', subject: null, details: {} }, [], null))
    return performance.now() - started
  }
  const times = { small: [], large: [] }
  for (let i = 0; i < APPENDS; i++) {
    times.small.push(await append(small))
    times.large.push(await append(large))
  }
  return times
}

function describeTimes(times) {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(2)
  return `median ${at(0.5)} ms, middle half ${at(0.25)}–${at(0.75)} ms`
}

/** Measures appending and verifying, up to `entries` entries. `keydesk` runs the built program; `say` prints a row. */
export async function measureRecord(world, keydesk, say, entries) {
  const { store, open } = await findBench(world)
  const large = await open(store)
  await fillRecord(large, 10)
  const copy = join(world.home, 'small.keydesk')
  copyFileSync(store, copy)
  const small = await open(copy)
  for (const count of [100_000, entries].filter((each, i, all) => all.indexOf(each) === i && each <= entries)) {
    await fillRecord(large, count)
    const times = await measureAppends(small, large)
    say(`append one entry to 10: ${describeTimes(times.small)}`)
    say(`append one entry to ${count}: ${describeTimes(times.large)}`)
    if (count === 100_000) for (let i = 0; i < 3; i++) measureVerify(world, keydesk, say)
  }
  for (const { engine } of [small, large]) await engine.close()
}

function measureVerify(world, keydesk, say) {
  const started = performance.now()
  const { entries } = JSON.parse(keydesk(world, 'audit', 'verify', '--json'))
  const seconds = (performance.now() - started) / 1000
  say(`audit verify of ${entries} entries: ${seconds.toFixed(1)} s, bar 15 s  ${seconds <= 15 ? 'ok' : 'over'}`)
}

/** Adds `count` active devices, up to 5,000 in a commit. */
async function fillDevices({ desk }, count) {
  for (let tag = 1; tag <= count; tag += 5_000) {
    const changes = Array.from({ length: Math.min(5_000, count - tag + 1) }, (_, i) => createDevice(tag + i))
    await desk.commit(async () => allow({ action: 'bench.fill', subject: null, details: {} }, changes, null))
  }
}

function createDevice(tag) {
  const named = {
    deviceId: randomBytes(16).toString('hex'),
    tag,
    name: 'iPhone of somebody',
    user: `user${tag}@example.ch`,
  }
  const about = { platform: 'ios', model: 'iPhone 15', osVersion: null, appVersion: null, registeredBy: 'password' }
  const state = { state: 'active', invitedAt: 1, lastConfirmed: null, wrongCodes: { day: 0, count: 0 } }
  return {
    put: 'device',
    secret: random(32),
    record: { ...named, ...about, ...state, blockedFor: null, alarmAt: null },
  }
}

/**
 * Measures `store verify`, `store info` and `store rekey` with `devices` devices.
 * Also prints the longest time that one snapshot of `verifyStore` was open.
 */
export async function measureStore(world, keydesk, say, devices) {
  const { store, open } = await findBench(world)
  const bench = await open(store)
  await fillDevices(bench, devices)
  for (let i = 0; i < 3; i++) {
    for (const verb of ['verify', 'info']) {
      const started = performance.now()
      keydesk(world, 'store', verb, '--json')
      say(`store ${verb} with ${devices} devices: ${((performance.now() - started) / 1000).toFixed(1)} s`)
    }
    let longest = 0
    const inspect = async (work) => {
      const started = performance.now()
      const result = await bench.desk.inspect(work)
      longest = Math.max(longest, performance.now() - started)
      return result
    }
    await verifyStore({ ...bench.desk, inspect }, () => undefined)
    say(`its longest snapshot: ${(longest / 1000).toFixed(2)} s`)
  }
  await bench.engine.close()
  for (let i = 0; i < 3; i++) {
    const started = performance.now()
    keydesk(world, 'store', 'rekey', '--yes')
    say(`store rekey with ${devices} devices: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  }
}
