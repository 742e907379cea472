/**
 * The agent on a real socket.
 * - It works only in a directory that no other user can access.
 * - No input ends it or makes other clients wait.
 * - It ends by itself when it has no keys, or when its socket is gone.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import { fetchKeys, fillAgent, inspectAgent, lockAgent } from '../../src/agent/client.ts'
import { decodeKeys, type EncodedKeys, isKeyReply, isKeyRequest } from '../../src/agent/keys.ts'
import { type Agent, type AgentOptions, serveAgent } from '../../src/agent/server.ts'
import { LONGEST_MESSAGE } from '../../src/agent/socket.ts'
import { type Places, systemPlaces } from '../../src/workstation/places.ts'
import { createHome, inShell, MONDAY_MS } from '../fake-context.ts'
import { expectRefusal, isRoot, NOBODY, seededRandom, uid } from '../store/fixtures.ts'
import { startChild } from '../store/processes.ts'
import { heldBy } from './held.ts'

const agents: Agent[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const agent of agents.splice(0)) {
    agent.close()
    await agent.closed
  }
})

function createPlaces(home = createHome()): Places & { runtime: string } {
  const places = systemPlaces('linux', { HOME: home, XDG_RUNTIME_DIR: join(home, 'run') }, uid)
  return { ...places, runtime: join(home, 'run', 'keydesk') }
}

const clock = { nowMs: MONDAY_MS }
/** Longer than any test: the agent drops no silent client within this time. */
const LONG_MS = 600_000
/** How often each agent has read its clock. */
const looks = new WeakMap<Agent, () => number>()
async function serve(places: Places, options: AgentOptions = {}): Promise<Agent> {
  let count = 0
  const readClock = () => {
    count++
    return clock.nowMs
  }
  const agent = await serveAgent(places, readClock, { tickMs: 20, ...options })
  looks.set(agent, () => count)
  agents.push(agent)
  return agent
}

async function serveFilled(options: AgentOptions = {}) {
  const places = createPlaces()
  const agent = await serve(places, options)
  await fillAgent(places, heldBy('anna'), 900, 28_800)
  return { places, agent }
}

/**
 * Resolves to true when the agent has read its clock twice more, and to false if it ends before.
 * It reads the clock whenever it checks whether it is still needed.
 */
async function goesOn(agent: Agent): Promise<boolean> {
  let ended = false
  void agent.closed.then(() => {
    ended = true
  })
  const count = looks.get(agent) as () => number
  const from = count()
  while (!ended && count() < from + 2) await sleep(5)
  return !ended
}

/**
 * Writes the pieces to the socket 2 ms apart, as any program could.
 * Resolves to the whole reply when the socket is closed.
 */
function speak(places: Places, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(places.socket)
  sockets.push(socket)
  return new Promise((resolve) => {
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
    socket.on('connect', async () => {
      for (const piece of pieces) {
        socket.write(piece)
        await sleep(2)
      }
    })
  })
}

describe('the agent', () => {
  test('returns keys for get, and none for status and lock', async () => {
    const places = createPlaces()
    await serve(places)
    const held = heldBy('anna')
    const expiresAt = clock.nowMs + 900_000
    expect(await fillAgent(places, held, 900, 28_800)).toEqual({ ...held, keys: null, expiresAt })
    expect(await fetchKeys(places, {})).toEqual({ ...held, expiresAt })
    expect(await fetchKeys(places, { store: held.store, operator: 'anna' })).toEqual({ ...held, expiresAt })
    expect(await fetchKeys(places, { operator: 'ben' })).toBeNull()
    expect(await inspectAgent(places, {})).toEqual([{ ...held, keys: null, expiresAt }])
    expect(await lockAgent(places, { operator: 'ben' })).toEqual([])
    expect(await lockAgent(places, {})).toEqual([{ ...held, keys: null, expiresAt }])
    expect(await fetchKeys(places, {})).toBeNull()
  })

  test('returns each key byte for byte', async () => {
    const { places } = await serveFilled()
    const held = await fetchKeys(places, {})
    const { keys, opened } = decodeKeys(held?.keys as EncodedKeys)
    const random = seededRandom('anna')
    const sectionKeys = [random(32), random(32)]
    expect(opened.keyring.directory).toEqual([{ generation: 1, key: sectionKeys[0] }])
    expect(opened.keyring.secrets).toEqual([{ generation: 1, key: sectionKeys[1] }])
    expect(keys).toEqual({ operatorId: random(16), boxSecret: random(32), signingSeed: random(32) })
    expect(opened.sealed).toEqual(random(200))
  })

  test('sends no key over the socket for status and lock', async () => {
    const { places } = await serveFilled()
    for (const op of ['status', 'lock']) {
      const said = await speak(places, `${JSON.stringify({ op })}\n`)
      expect(JSON.parse(said)).toMatchObject({ held: [{ operator: 'anna', keys: null }] })
      const { boxSecret, signingSeed } = heldBy('anna').keys as EncodedKeys
      for (const key of [boxSecret, signingSeed]) expect(said).not.toContain(key)
    }
  })

  test('answers each of fifty concurrent requests', async () => {
    const { places } = await serveFilled()
    const asked = Array.from({ length: 50 }, (_, i) =>
      i % 2 === 0 ? fetchKeys(places, {}) : fillAgent(places, heldBy(`b${i}`, `/b${i}`), 900, 900),
    )
    const answers = await Promise.all(asked)
    expect(answers.every((held) => held !== null)).toBe(true)
    expect(await inspectAgent(places, {})).toHaveLength(26)
  })

  test('may be absent: a client then gets an empty answer and no error', async () => {
    const places = createPlaces()
    expect(await fetchKeys(places, {})).toBeNull()
    expect(await inspectAgent(places, {})).toBeNull()
    expect(await lockAgent(places, {})).toEqual([])
    expect(existsSync(places.runtime)).toBe(false)
    expect(await fillAgent(places, heldBy('anna'), 900, 900)).toBeNull()
    expect(statSync(places.runtime).mode & 0o777).toBe(0o700)
  })
})

describe('the agent survives and still answers others after', () => {
  const nonsense: [string, string | Buffer][] = [
    ['no JSON', 'GET / HTTP/1.1\r\n\r\n'],
    ['null', 'null\n'],
    ['a number', '5\n'],
    ['an empty line', '\n'],
    ['an empty object', '{}\n'],
    ['an unknown word', '{"op":"keys"}\n'],
    ['the word of a prototype', '{"op":"constructor"}\n'],
    ['nothing to put', '{"op":"put"}\n'],
    ['null to put', '{"op":"put","held":null,"idleSeconds":1,"limitSeconds":1}\n'],
    [
      'no keys to put',
      `${JSON.stringify({ op: 'put', held: { ...heldBy('x'), keys: {} }, idleSeconds: 9, limitSeconds: 9 })}\n`,
    ],
    ['no time', `${JSON.stringify({ op: 'put', held: heldBy('x'), idleSeconds: 'soon', limitSeconds: 9 })}\n`],
    ['a time below zero', `${JSON.stringify({ op: 'put', held: heldBy('x'), idleSeconds: -1, limitSeconds: 9 })}\n`],
    ['a store that is none', '{"op":"get","store":7}\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
    ['a megabyte and no end', Buffer.alloc(LONGEST_MESSAGE + 1, 'x')],
    ['a megabyte and an end', Buffer.concat([Buffer.alloc(LONGEST_MESSAGE + 1, ' '), Buffer.from('{"op":"get"}\n')])],
  ]
  test.each(nonsense)('%s', async (_, bytes) => {
    const { places } = await serveFilled()
    expect(await speak(places, bytes)).toBe('')
    expect(await inspectAgent(places, {})).toMatchObject([{ operator: 'anna' }])
  })

  test('a request in pieces, which it reads as one request', async () => {
    const { places } = await serveFilled()
    const pieces = [...`${JSON.stringify({ op: 'get', operator: 'anna' })}\n`]
    expect(JSON.parse(await speak(places, ...pieces))).toMatchObject({ held: [{ operator: 'anna' }] })
    const umlaut = Buffer.from(`${JSON.stringify({ op: 'get', operator: 'Jürgen' })}\n`)
    const at = umlaut.indexOf(0xc3)
    expect(JSON.parse(await speak(places, umlaut.subarray(0, at + 1), umlaut.subarray(at + 1)))).toEqual({ held: [] })
  })

  test('a second request on the same connection, which it ignores', async () => {
    const { places } = await serveFilled()
    expect(await speak(places, '{"op":"get"}\n{"op":"lock"}\n')).toContain('anna')
    expect(await inspectAgent(places, {})).toHaveLength(1)
  })

  test('clients that send nothing or hang up half-way', async () => {
    const { places } = await serveFilled({ requestMs: LONG_MS })
    for (let i = 0; i < 30; i++) {
      const socket = connect(places.socket)
      sockets.push(socket)
      socket.on('error', () => undefined)
      if (i % 3 === 1) socket.write('{"op":')
      if (i % 3 === 2) socket.on('connect', () => socket.destroy())
    }
    expect(await fetchKeys(places, {})).toMatchObject({ operator: 'anna' })
    // The silent clients are still connected: the agent answered without dropping them first.
    const silent = sockets.filter((_, i) => i % 3 !== 2)
    expect(silent.map(({ destroyed, readableEnded }) => destroyed || readableEnded)).toEqual(silent.map(() => false))
  })

  test('a client that sends too slowly, which it drops', async () => {
    const { places } = await serveFilled()
    const slow = speak(places, ...'{"op":'.split(''))
    expect(await slow).toBe('')
  })
})

describe('a client', () => {
  /** Starts another server on the agent's socket path. */
  async function listen(
    places: Places & { runtime: string },
    say: (socket: Socket) => void | Promise<void>,
  ): Promise<void> {
    mkdirSync(places.runtime, { recursive: true, mode: 0o700 })
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      void say(socket)
    })
    await new Promise<void>((resolve) => server.listen(places.socket, resolve))
    agents.push({ close: () => void server.close(), closed: Promise.resolve() })
  }

  test.each([
    'null\n',
    '{}\n',
    '{"held":7}\n',
    '{"held":[{}]}\n',
    '{"held":[null]}\n',
    'HTTP/1.1 400 Bad Request\r\n',
    '\n',
  ])('that reads the reply %j acts as if there were no agent', async (reply) => {
    const places = createPlaces()
    await listen(places, (socket) => void socket.end(reply))
    expect(await fetchKeys(places, {})).toBeNull()
    expect(await lockAgent(places, {})).toEqual([])
  })

  test('acts as if there were no agent when the server hangs up or does not answer in time', async () => {
    const places = createPlaces()
    await listen(places, (socket) => void socket.destroy())
    expect(await fetchKeys(places, {})).toBeNull()
    const silent = createPlaces()
    await listen(silent, () => undefined)
    const started = performance.now()
    expect(await fetchKeys(silent, {})).toBeNull()
    expect(performance.now() - started).toBeGreaterThan(1_500)
  })

  test('reads a reply of several kilobytes that arrives in pieces', async () => {
    const places = createPlaces()
    const held = Array.from({ length: 40 }, (_, i) => ({ ...heldBy(`o${i}`), expiresAt: 1 }))
    await listen(places, async (socket) => {
      const bytes = Buffer.from(`${JSON.stringify({ held })}\n`)
      for (let at = 0; at < bytes.length; at += 5_000) {
        socket.write(bytes.subarray(at, at + 5_000))
        await sleep(1)
      }
    })
    expect(await fetchKeys(places, {})).toEqual(held[0])
  })
})

describe('the agent’s directory', () => {
  test.each([0o755, 0o750, 0o701, 0o777])(
    'of mode %o is refused by client and server, with the command that fixes it',
    async (mode) => {
      const { places } = await serveFilled()
      chmodSync(places.runtime, mode)
      const asks = [
        () => fetchKeys(places, {}),
        () => lockAgent(places, {}),
        () => fillAgent(places, heldBy('anna'), 9, 9),
        () => serveAgent(places, Date.now),
      ]
      for (const ask of asks) {
        const { hint } = await expectRefusal('refused', 'open-directory', async () => ask())
        expect(hint).toBe(`chmod 700 ${inShell(places.runtime)}`)
      }
    },
  )

  test('is refused if it is a link, a file, or owned by another user', async () => {
    const places = createPlaces()
    mkdirSync(join(places.runtime, '..'))
    const elsewhere = createHome()
    symlinkSync(elsewhere, places.runtime)
    await expectRefusal('refused', 'open-directory', async () => serveAgent(places, Date.now))
    rmSync(places.runtime)
    writeFileSync(places.runtime, '')
    await expectRefusal('refused', null, async () => serveAgent(places, Date.now))
    rmSync(places.runtime)
    mkdirSync(places.runtime, { mode: 0o700 })
    if (isRoot) chownSync(places.runtime, NOBODY, NOBODY)
    const { hint } = await expectRefusal('refused', 'open-directory', async () =>
      serveAgent({ ...places, uid: isRoot ? uid : 1 }, Date.now),
    )
    expect(hint).toContain('XDG_RUNTIME_DIR')
  })

  test('is refused before anything is created if its path is too long', async () => {
    const home = createHome()
    const places = createPlaces(join(home, 'x'.repeat(90)))
    for (const ask of [() => fillAgent(places, heldBy('anna'), 9, 9), () => serveAgent(places, Date.now)]) {
      const { hint } = await expectRefusal('refused', 'socket-path', async () => ask())
      expect(hint).toContain('XDG_RUNTIME_DIR')
    }
    expect(existsSync(places.runtime)).toBe(false)
    expect(await fetchKeys(places, {})).toBeNull()
    const longest = home.length + '/run/keydesk/agent.sock'.length + 1
    await serve(createPlaces(join(home, 'y'.repeat(103 - longest))))
    await expectRefusal('refused', 'socket-path', async () =>
      serveAgent(createPlaces(join(home, 'y'.repeat(104 - longest))), Date.now),
    )
  })
})

describe('the agent ends', () => {
  test('when it gets no keys in time, when its keys are idle, and when it is locked', async () => {
    const idle = await serveFilled()
    const locked = await serveFilled()
    const unused = await serve(createPlaces(), { graceMs: 60 })
    expect(await goesOn(idle.agent)).toBe(true)
    await unused.closed
    await lockAgent(locked.places, {})
    await locked.agent.closed
    expect(existsSync(locked.places.socket)).toBe(false)
    clock.nowMs += 899_999
    expect(await goesOn(idle.agent)).toBe(true)
    clock.nowMs += 1
    await idle.agent.closed
    expect(await fetchKeys(idle.places, {})).toBeNull()
  })

  test('although a silent client is still connected', async () => {
    const { places, agent } = await serveFilled({ requestMs: LONG_MS })
    const silent = speak(places)
    // The agent accepts clients in order: after it has answered the next client, it has accepted the silent one.
    await inspectAgent(places, {})
    await lockAgent(places, {})
    await agent.closed
    expect(await silent).toBe('')
  })

  test.each(['removed', 'replaced', 'moved away'])(
    'when its socket is %s, because no command could lock it any more',
    async (what) => {
      const { places, agent } = await serveFilled()
      if (what === 'moved away') renameSync(places.socket, `${places.socket}.old`)
      else rmSync(places.socket)
      if (what === 'replaced') writeFileSync(places.socket, '')
      await agent.closed
      expect(await fetchKeys(places, {})).toBeNull()
    },
  )
})

describe('several agents on one socket', () => {
  test('a second agent ends at once and changes nothing', async () => {
    const { places, agent } = await serveFilled()
    const second = await serve(places)
    await second.closed
    second.close()
    expect(await goesOn(agent)).toBe(true)
    expect(await fetchKeys(places, {})).toMatchObject({ operator: 'anna' })
  })

  test('of three agents started at once exactly one keeps serving, and all three report ready', async () => {
    const home = createHome()
    const places = createPlaces(home)
    const children = [1, 2, 3].map(() => startChild(['agent', home]))
    await Promise.all(children.map(({ said }) => said(/ready/)))
    expect(await fillAgent(places, heldBy('anna'), 900, 900)).toMatchObject({ operator: 'anna' })
    expect(await fetchKeys(places, {})).toMatchObject({ operator: 'anna' })
    // Two of the three end by themselves. The third keeps serving.
    await Promise.race([
      Promise.all([children[0]?.ended, children[1]?.ended]),
      Promise.all([children[0]?.ended, children[2]?.ended]),
      Promise.all([children[1]?.ended, children[2]?.ended]),
    ])
    expect(children.filter(({ process }) => process.exitCode === null)).toHaveLength(1)
    expect(await fetchKeys(places, {})).toMatchObject({ operator: 'anna' })
  })

  test('the next agent replaces the socket that a killed agent left behind', async () => {
    const home = createHome()
    const places = createPlaces(home)
    const child = startChild(['agent', home])
    await child.said(/ready/)
    await fillAgent(places, heldBy('anna'), 900, 900)
    child.process.kill('SIGKILL')
    await child.ended
    expect(existsSync(places.socket)).toBe(true)
    expect(await fetchKeys(places, {})).toBeNull()
    await serve(places)
    await fillAgent(places, heldBy('ben'), 900, 900)
    expect(await inspectAgent(places, {})).toMatchObject([{ operator: 'ben' }])
  })
})

test('on a named pipe, as on Windows, the pipe name is the lock and no directory is used', async () => {
  const home = createHome()
  const places: Places = { ...createPlaces(home), runtime: null, socket: join(home, 'pipe') }
  const first = await serve(places)
  expect(await fillAgent(places, heldBy('anna'), 900, 900)).toMatchObject({ operator: 'anna' })
  await (await serve(places)).closed
  expect(await fetchKeys(places, {})).toMatchObject({ operator: 'anna' })
  expect(await lockAgent(places, {})).toHaveLength(1)
  await first.closed
  expect(await fetchKeys(places, {})).toBeNull()
})

describe('messages', () => {
  test('are accepted only in the forms that the protocol defines', () => {
    const held = heldBy('anna')
    const put = { op: 'put', held, idleSeconds: 1, limitSeconds: 1 }
    for (const message of [{ op: 'get' }, { op: 'status', store: '/a' }, { op: 'lock', operator: 'anna' }, put])
      expect(isKeyRequest(message)).toBe(true)
    const keys = held.keys as EncodedKeys
    const wrong = [
      { ...keys, boxSecret: 'AAAA' },
      { ...keys, signingSeed: 7 },
      { ...keys, operatorId: `${keys.operatorId}=` },
      { ...keys, keyring: null },
      { ...keys, keyring: { ...keys.keyring, sealed: '!' } },
      { ...keys, keyring: { ...keys.keyring, sections: { directory: [[1, 'AAAA']] } } },
    ]
    for (const one of wrong) expect(isKeyReply({ held: [{ ...held, keys: one }] })).toBe(false)
    for (const name of ['store', 'storeId', 'operator', 'role', 'expiresAt', 'keys'])
      expect(isKeyReply({ held: [{ ...held, [name]: undefined }] })).toBe(false)
    expect(isKeyReply({ held: [held, { ...held, keys: null }] })).toBe(true)
  })
})
