/**
 * The agent keeps an operator's keys in memory between the commands of a call, and does the work of a call with them.
 * - The passphrase is stretched only once.
 * - It listens on a socket in a directory that only its user can enter. It exits when it holds no keys.
 * - Keys are never written to a file or put into the environment.
 * - Every program of the same user can ask the agent, and so can malware.
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
  /** How long the agent waits for its first keys. */
  readonly graceMs?: number
  /** How often the agent checks whether it is still needed. */
  readonly tickMs?: number
  /** A client that has not sent a request by then is disconnected. */
  readonly requestMs?: number
  /** Performs work with held keys. Without it the agent only keeps keys. It must not throw or reject. */
  readonly perform?: (held: Held, work: Work) => Promise<Outcome>
  /** Called after keys were put in, to prepare for the first requests. */
  readonly unlocked?: (held: Held) => void
  /** Anchors that the agent keeps for commands that do their work themselves. */
  readonly anchors?: AnchorKeeper
}

const REQUEST_WITHIN_MS = 2_000
/** How long a second agent waits until the first one answers or ends. */
const OTHER_ANSWERS_WITHIN_MS = 2_000

/**
 * Serves until the agent is closed or holds no keys; at the start it waits for the first keys. If another agent serves
 * already, this one ends after the other has answered. The command that started it then finds an agent.
 */
export async function serveAgent(places: Places, clock: () => number, options: AgentOptions = {}): Promise<Agent> {
  prepareRuntime(places)
  const until = performance.now() + OTHER_ANSWERS_WITHIN_MS
  for (;;) {
    const agent = await listenAlone(places, clock, options)
    if (agent !== null) return agent
    if ((await inspectAgent(places, {})) !== null || performance.now() > until) return OVER
    // The other agent is just starting or just ending.
    await sleep(20)
  }
}

const OVER: Agent = { close: () => undefined, closed: Promise.resolve() }

/** Listens; null if another agent does already. */
async function listenAlone(places: Places, clock: () => number, options: AgentOptions): Promise<Agent | null> {
  try {
    // A named pipe needs no lock file: only one process can listen on the name.
    return await (places.runtime === null
      ? listen(places, clock, options)
      : listenLocked(places, places.runtime, clock, options))
  } catch (error) {
    const { refusal, code } = error as { refusal?: Refusal; code?: string }
    if (refusal?.kind === 'busy' || code === 'EADDRINUSE') return null
    throw error
  }
}

/** Listens under a lock that is held for the agent's lifetime. Throws `busy` if another agent holds it. */
function listenLocked(places: Places, runtime: string, clock: () => number, options: AgentOptions): Promise<Agent> {
  return new Promise((resolve, reject) => {
    const serve = async () => {
      // The lock is ours, so no agent listens here: a killed agent left this socket.
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

/**
 * Ends the agent when it holds no keys. Also ends it when its socket is gone or replaced: no command could then reach
 * it to lock it.
 */
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

/**
 * Identifies one socket file by inode and creation time: the system reuses an inode number at once. Null for a pipe, or
 * if the file is missing.
 */
function markOf({ runtime, socket }: Places): string | null {
  const stat = runtime === null ? undefined : lstatSync(socket, { throwIfNoEntry: false })
  return stat === undefined ? null : `${stat.ino} ${stat.birthtimeMs}`
}

function serveClient(socket: Socket, clients: Set<Socket>, ring: KeyHolder, options: AgentOptions): void {
  const drop = () => void socket.destroy()
  const timer = setTimeout(drop, options.requestMs ?? REQUEST_WITHIN_MS)
  clients.add(socket)
  socket.on('close', () => {
    clearTimeout(timer)
    clients.delete(socket)
  })
  socket.on('error', drop)
  const serve = (request: Request) => {
    // The request is complete; the work may take longer than the timeout.
    clearTimeout(timer)
    answer(ring, request, options).then((reply) => socket.end(`${JSON.stringify(reply)}\n`), drop)
  }
  readMessage(socket, isRequest, serve, drop)
}

type Request = KeyRequest | WorkRequest | AnchorRequest

const isRequest = (value: unknown): value is Request =>
  isKeyRequest(value) || isWorkRequest(value) || isAnchorRequest(value)

/** Work uses the keys that are held when it begins. A `lock` that arrives meanwhile does not interrupt it. */
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
