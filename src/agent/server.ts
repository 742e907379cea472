/**
 * The agent keeps an operator's keys in memory between the commands of a call, so that the passphrase is stretched once, and does the
 * work of a call with them. It listens on a socket in a directory that only its user can enter, and exits when it holds none. Keys
 * are never written to a file or put into the environment. What runs as the same user can ask it: so can malware.
 */
import { lstatSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Refusal } from '../errors.ts'
import { withLock } from '../files/lock.ts'
import { VERSION } from '../version.ts'
import type { Places } from '../workstation/places.ts'
import { type AnchorKeeper, type AnchorReply, type AnchorRequest, isAnchorRequest } from './anchor.ts'
import { inspectAgent, prepareRuntime } from './client.ts'
import { KeyHolder } from './key-holder.ts'
import { type Held, isKeyRequest, type KeyRequest } from './keys.ts'
import { readMessage } from './socket.ts'
import { isWorkRequest, type Outcome, type Work, type WorkReply, type WorkRequest } from './work.ts'

export type Agent = { close(): void; readonly closed: Promise<void> }
export type AgentOptions = {
  /** How long it waits for the first keys. */
  readonly graceMs?: number
  /** How often it looks whether it is still needed. */
  readonly tickMs?: number
  /** Does work with keys that it holds; without it the agent only keeps keys. Must not throw. */
  readonly perform?: (held: Held, work: Work) => Promise<Outcome>
  /** Keys were put in: what will be asked for first may be made ready. */
  readonly unlocked?: (held: Held) => void
  /** Anchors that it keeps for commands that do their work themselves. */
  readonly anchors?: AnchorKeeper
}

/** A client that has not said what it wants by then is dropped. */
const REQUEST_WITHIN_MS = 2_000
/** How long an agent that was started beside another waits to see it answer, or go. */
const OTHER_ANSWERS_WITHIN_MS = 2_000

/**
 * Serves until it holds no keys (and has held some, or waited for the first), or is closed. Where another agent serves already, this
 * one is over when the other has answered, so that who started it finds an agent.
 */
export async function serveAgent(places: Places, clock: () => number, options: AgentOptions = {}): Promise<Agent> {
  prepareRuntime(places)
  const until = performance.now() + OTHER_ANSWERS_WITHIN_MS
  for (;;) {
    const agent = await listenAlone(places, clock, options)
    if (agent !== null) return agent
    if ((await inspectAgent(places, {})) !== null || performance.now() > until) return OVER
    // It is just starting, or just ending.
    await sleep(20)
  }
}

const OVER: Agent = { close: () => undefined, closed: Promise.resolve() }

/** Listens, unless another agent does; then null. */
async function listenAlone(places: Places, clock: () => number, options: AgentOptions): Promise<Agent | null> {
  try {
    // The name of a pipe is its own lock.
    return await (places.runtime === null
      ? listen(places, clock, options)
      : listenLocked(places, places.runtime, clock, options))
  } catch (error) {
    const { refusal, code } = error as { refusal?: Refusal; code?: string }
    if (refusal?.kind === 'busy' || code === 'EADDRINUSE') return null
    throw error
  }
}

/** Listens under a lock that is held for as long as the agent lives; throws `busy` when another agent has it. */
function listenLocked(places: Places, runtime: string, clock: () => number, options: AgentOptions): Promise<Agent> {
  return new Promise((resolve, reject) => {
    const serve = async () => {
      // Who holds the lock is alone: what stands there was left by an agent that was killed.
      rmSync(places.socket, { force: true })
      const agent = await listen(places, clock, options)
      resolve(agent)
      await agent.closed
    }
    withLock(join(runtime, 'agent.lock'), 0, serve).catch(reject)
  })
}

async function listen(places: Places, clock: () => number, options: AgentOptions): Promise<Agent> {
  const ring = new KeyHolder(clock)
  const clients = new Set<Socket>()
  const server = createServer((socket) => serveClient(socket, clients, ring, options))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(places.socket, resolve)
  })
  return watch(server, clients, ring, places, options)
}

/** Ends the agent when it holds nothing, or when its socket is gone or another's: nobody could reach it to lock it. */
function watch(
  server: Server,
  clients: Set<Socket>,
  ring: KeyHolder,
  places: Places,
  { graceMs = 10_000, tickMs = 1_000 }: AgentOptions,
): Agent {
  const waitUntil = performance.now() + graceMs
  const mark = markOf(places)
  const timer = setInterval(() => {
    const waiting = ring.isFresh && performance.now() < waitUntil
    if ((ring.isEmpty() && !waiting) || markOf(places) !== mark) close()
  }, tickMs)
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()))
  const close = () => {
    clearInterval(timer)
    ring.forget({})
    server.close()
    for (const socket of clients) socket.destroy()
  }
  return { close, closed }
}

/** Tells one socket file from another; a number of an inode alone is given out again at once. */
function markOf({ runtime, socket }: Places): string | null {
  const stat = runtime === null ? undefined : lstatSync(socket, { throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.ino} ${stat.birthtimeMs}`
}

function serveClient(socket: Socket, clients: Set<Socket>, ring: KeyHolder, options: AgentOptions): void {
  const drop = () => void socket.destroy()
  const timer = setTimeout(drop, REQUEST_WITHIN_MS)
  clients.add(socket)
  socket.on('close', () => {
    clearTimeout(timer)
    clients.delete(socket)
  })
  socket.on('error', drop)
  const serve = (request: Request) => {
    // It has said what it wants; what it wants may take longer.
    clearTimeout(timer)
    answer(ring, request, options).then((reply) => socket.end(`${JSON.stringify(reply)}\n`), drop)
  }
  readMessage(socket, isRequest, serve, drop)
}

type Request = KeyRequest | WorkRequest | AnchorRequest

const isRequest = (value: unknown): value is Request =>
  isKeyRequest(value) || isWorkRequest(value) || isAnchorRequest(value)

/** Work is done with the keys as they are held when it begins; a `lock` that comes meanwhile does not cut it in two. */
async function answer(ring: KeyHolder, request: Request, options: AgentOptions): Promise<unknown> {
  if (request.op === 'anchor') return answerAnchor(request, options)
  if (request.op === 'perform') return answerWork(ring, request, options)
  const reply = ring.answer(request)
  if (request.op === 'put') options.unlocked?.(request.held)
  return reply
}

async function answerWork(ring: KeyHolder, request: WorkRequest, { perform }: AgentOptions): Promise<WorkReply> {
  const { store, operator, version, work } = request
  if (perform === undefined || version !== VERSION) return { outcome: null }
  const [held] = ring.answer({ op: 'get', store, operator }).held
  return { outcome: held === undefined ? null : await perform(held, work) }
}

async function answerAnchor({ storeId, keep }: AnchorRequest, { anchors }: AgentOptions): Promise<AnchorReply> {
  if (anchors === undefined) throw new Error('this agent keeps no anchors')
  if (keep !== null) await anchors.write(storeId, keep)
  return { anchor: await anchors.of(storeId).read() }
}
