/**
 * `child.ts ACTION PATH …`: runs one action in a process of its own, for the tests of the store.
 * - It prints a line for each thing that it does. The last line is `ok`, or the kind and reason of the refusal.
 * - Any other error ends it with exit code 1, as it would end keydesk.
 */

import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { serveAgent } from '../../src/agent/server.ts'
import { asHexId } from '../../src/crypto/bytes.ts'
import { KeydeskError } from '../../src/errors.ts'
import { withLock } from '../../src/files/lock.ts'
import { backUpSqlite, copySqlite, draftBeside } from '../../src/store/backup/copy.ts'
import { nameBefore, swapStore } from '../../src/store/backup/swap.ts'
import type { Commit, Engine } from '../../src/store/engine.ts'
import { createSqlite, openSqlite } from '../../src/store/sqlite/open.ts'
import { openAnchor } from '../../src/workstation/anchor.ts'
import { openWorkstation } from '../../src/workstation/config.ts'
import { systemPlaces } from '../../src/workstation/places.ts'

const say = (line: string) => void writeSync(1, `${line}\n`)
const random = (count: number) => new Uint8Array(crypto.getRandomValues(new Uint8Array(count)))
const other = process.env['KEYDESK_TEST_UID']
if (other !== undefined) await becomeUser(Number(other))
const uid = process.getuid?.() ?? null

/** Becomes another user after all modules are loaded, conf too: that user may not be able to read the clone. */
async function becomeUser(id: number): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'keydesk-test-'))
  await openWorkstation({ ...systemPlaces('linux', { HOME: place }, 0), config: place }, random)
  rmSync(place, { recursive: true })
  process.setgroups?.([])
  process.setgid?.(id)
  process.setuid?.(id)
}

/** Adds one more row of `size` random bytes, numbered by its generation. Returns the number of rows. */
async function addRow(commit: Commit, size = 100): Promise<number> {
  let count = 0
  for await (const _ of commit.scanRows('device')) count++
  const id = new Uint8Array(16)
  new DataView(id.buffer).setUint32(0, count + 1)
  await commit.putRow('device', { id, generation: count + 1, listed: random(size), secret: null })
  return count + 1
}

async function countRows(engine: Engine): Promise<number> {
  return engine.read(async (snapshot) => {
    let count = 0
    for await (const _ of snapshot.scanRows('device')) count++
    return count
  })
}

const ACTIONS: Record<string, (path: string, ...more: string[]) => Promise<void>> = {
  /** Holds the write lock until stdin ends. Then it commits. */
  async hold(path) {
    const engine = openSqlite(path, { uid })
    await engine.commit(async (commit) => {
      await addRow(commit)
      say('holding')
      await new Promise((resolve) => process.stdin.once('end', resolve).resume())
    })
    await engine.close()
  },
  async commit(path, busyTimeoutMs = '5000', times = '1') {
    const engine = openSqlite(path, { uid, busyTimeoutMs: Number(busyTimeoutMs) })
    say('opened')
    for (let i = 0; i < Number(times); i++) say(`rows ${await engine.commit((commit) => addRow(commit))}`)
    await engine.close()
  },
  /** Runs a commit that writes nothing, and prints the number of the newest entry. */
  async look(path) {
    const engine = openSqlite(path, { uid })
    say('opened')
    await engine.commit(async (commit) => say(`newest ${(await commit.lastEntry())?.seq}`))
    await engine.close()
  },
  /** Commits rows of `size` bytes until a commit is refused. Then it prints how many rows are left. */
  async fill(path, size = '20000') {
    const engine = openSqlite(path, { uid })
    try {
      for (;;) say(`rows ${await engine.commit((commit) => addRow(commit, Number(size)))}`)
    } finally {
      say(`left ${await countRows(engine)}`)
      await engine.close()
    }
  },
  /** Commits big rows one after the other until it is killed. Prints a line for each row when it is durable. */
  async endlessly(path) {
    const engine = openSqlite(path, { uid })
    for (;;) say(`rows ${await engine.commit((commit) => addRow(commit, 60_000))}`)
  },
  /** Makes copies of the store, `file.1`, `file.2` …, until it is killed. Prints a line for each finished copy. */
  async backups(path, file = '') {
    for (let i = 1; ; i++) {
      const token = random(4).join('-')
      await backUpSqlite(path, `${file}.${i}`, { uid, token, verify: async () => undefined })
      say(`made ${i}`)
    }
  },
  /** Replaces the store by the backups in turn, until it is killed. */
  async restores(path, ...backups) {
    for (let i = 0; ; i++) {
      const draft = draftBeside(path, random(4).join('-'))
      copySqlite(backups[i % backups.length] as string, draft)
      say('copied')
      await swapStore(path, { draft, before: nameBefore(path, new Date().toISOString()), check: async () => undefined })
      say('swapped')
    }
  },
  async read(path) {
    const engine = openSqlite(path, { uid })
    say(`rows ${await countRows(engine)}`)
    await engine.close()
  },
  async create(path) {
    await createSqlite(path, random(16), async (engine) => void (await engine.commit((commit) => addRow(commit))))
  },
  async lock(path, waitMs = '0') {
    await withLock(path, Number(waitMs), () => {
      say('holding')
      return new Promise<void>((resolve) => void process.stdin.once('end', resolve).resume())
    })
  },
  /** Adds `times` different logins to the workstation of the home at `path`. */
  async logins(path, name = '', times = '1') {
    const workstation = await openWorkstation(systemPlaces('linux', { HOME: path }, uid), random)
    for (let i = 0; i < Number(times); i++) {
      const login = {
        store: `/${name}/${i}`,
        storeId: '00',
        operator: name,
        operatorId: asHexId('11'),
        slot: 'x'.repeat(400),
      }
      await workstation.update((config) => ({ ...config, logins: [...config.logins, login] }))
    }
  },
  /** Writes `times` anchors in the home at `path`: odd or even seq of one store, or every seq of another store. */
  async anchors(path, storeId = '', which = '', times = '1') {
    const mine = which === 'alone' ? which : storeId
    const port = openAnchor(systemPlaces('linux', { HOME: path }, uid), random, mine)
    for (let i = 1; i <= Number(times); i++) {
      const seq = which === 'alone' ? i : which === 'odd' ? 2 * i - 1 : 2 * i
      await port.keep({ seq, hash: '00' })
    }
  },
  /** Serves as an agent for the home at `path` until it holds no keys. */
  async agent(path) {
    const agent = await serveAgent(systemPlaces('linux', { HOME: path, XDG_RUNTIME_DIR: `${path}/run` }, uid), Date.now)
    say('ready')
    await agent.closed
  },
  async sleep() {
    say(readFileSync('/proc/self/comm', 'utf8').trim())
    await sleep(60_000)
  },
}

const [action = '', path = '', ...more] = process.argv.slice(2)
try {
  await (ACTIONS[action] as (typeof ACTIONS)[string])(path, ...more)
  say('ok')
} catch (error) {
  if (!(error instanceof KeydeskError)) throw error
  say(`${error.refusal.kind} ${error.refusal.reason}`)
}
