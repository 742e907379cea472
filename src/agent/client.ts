/**
 * Asks the agent for keys, and hands it some. No agent, or one that does not answer in time, is no error: the passphrase is asked for
 * instead.
 */
import { KeydeskError } from '../errors.ts'
import { makePrivateDirectory, requirePrivateDirectory } from '../files/modes.ts'
import type { Places } from '../workstation/places.ts'
import { type Held, isKeyReply, type KeyReply, type KeyRequest } from './keys.ts'
import { exchange, type Which } from './socket.ts'

const ANSWER_WITHIN_MS = 2_000
/** sun_path holds 104 bytes on some systems and 108 on others, the last of them a zero. */
const LONGEST_SOCKET_PATH = 103

/** The newest identity that matches, with its keys; null when the agent has none, or there is no agent. */
export async function fetchKeys(places: Places, which: Which): Promise<Held | null> {
  const reply = await send(places, { op: 'get', ...which })
  return reply?.held[0] ?? null
}

/** What the agent holds, without keys and without keeping it alive; null when there is no agent. */
export async function inspectAgent(places: Places, which: Which): Promise<readonly Held[] | null> {
  return (await send(places, { op: 'status', ...which }))?.held ?? null
}

/** Makes the agent forget what matches; resolves to what it was. */
export async function lockAgent(places: Places, which: Which): Promise<readonly Held[]> {
  return (await send(places, { op: 'lock', ...which }))?.held ?? []
}

/** Hands keys to a running agent; null when there is none. Throws `refused` where none could be started either. */
export async function fillAgent(
  places: Places,
  held: Held,
  idleSeconds: number,
  limitSeconds: number,
): Promise<Held | null> {
  prepareRuntime(places)
  return (await send(places, { op: 'put', held, idleSeconds, limitSeconds }))?.held[0] ?? null
}

/** Makes the socket's directory; throws `refused` where no agent can listen safely. An agent has nobody to tell that to. */
export function prepareRuntime({ runtime, socket, uid }: Places): void {
  if (runtime === null) return
  // The system would cut the path off, and another socket be made than was named.
  if (Buffer.byteLength(socket) > LONGEST_SOCKET_PATH) {
    const hint = 'set XDG_RUNTIME_DIR to a shorter directory of yours'
    throw new KeydeskError('refused', 'socket-path', `the path of the agent's socket is too long: ${socket}`, hint)
  }
  makePrivateDirectory(runtime)
  requirePrivateDirectory(runtime, uid)
}

async function send(places: Places, request: KeyRequest): Promise<KeyReply | null> {
  const heard = await exchange(places, request, isKeyReply, ANSWER_WITHIN_MS)
  return typeof heard === 'string' ? null : heard.reply
}
