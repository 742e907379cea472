/**
 * Asks the agent for keys, and gives it keys. It is not an error if there is no agent, or if it does not answer in
 * time: the caller then asks for the passphrase.
 */
import { KeydeskError } from '../errors.ts'
import { makePrivateDirectory, requirePrivateDirectory } from '../files/modes.ts'
import type { Places } from '../workstation/places.ts'
import { type Held, isKeyReply, type KeyReply, type KeyRequest } from './keys.ts'
import { exchange, type Which } from './socket.ts'

const ANSWER_WITHIN_MS = 2_000
/** sun_path has 104 bytes on some systems and 108 on others; the last byte is zero. */
const LONGEST_SOCKET_PATH = 103

/** Resolves to the newest matching identity with its keys; null if the agent has none, or if there is no agent. */
export async function fetchKeys(places: Places, which: Which): Promise<Held | null> {
  const reply = await send(places, { op: 'get', ...which })
  return reply?.held[0] ?? null
}

/**
 * Resolves to the matching identities that the agent holds, without keys. Their idle time is not extended. Null if
 * there is no agent.
 */
export async function inspectAgent(places: Places, which: Which): Promise<readonly Held[] | null> {
  return (await send(places, { op: 'status', ...which }))?.held ?? null
}

/** Makes the agent forget the matching identities, and resolves to them. */
export async function lockAgent(places: Places, which: Which): Promise<readonly Held[]> {
  return (await send(places, { op: 'lock', ...which }))?.held ?? []
}

/** Gives keys to a running agent; null if there is none. Throws `refused` where no agent could be started either. */
export async function fillAgent(
  places: Places,
  held: Held,
  idleSeconds: number,
  limitSeconds: number,
): Promise<Held | null> {
  prepareRuntime(places)
  return (await send(places, { op: 'put', held, idleSeconds, limitSeconds }))?.held[0] ?? null
}

/**
 * Makes the socket's directory. Throws `refused` where no agent can listen safely: a command must report this, because
 * the agent has no user to tell.
 */
export function prepareRuntime({ runtime, socket, uid }: Places): void {
  if (runtime === null) return
  // The system would cut the path off and create a socket with another name.
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
