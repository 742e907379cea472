/**
 * One request and one reply over the agent's socket, each a line of JSON.
 * - Both ends run as the same user, and the socket's directory keeps other users out.
 * - A socket in a directory that other users can enter is refused: one of them might be listening.
 * - A line that is not exactly a message is rejected, so that a bug of ours cannot crash the agent.
 */
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { requirePrivateDirectory } from '../files/modes.ts'
import { type Fields, isOptionalText } from '../guards.ts'
import type { Places } from '../workstation/places.ts'

/** 1 MiB, longer than any request or reply of ours. Each rekey adds one key for each section to a keyring. */
export const LONGEST_MESSAGE = 2 ** 20

/** Selects keys by store and operator; a field that is left out matches any. */
export type Which = { readonly store?: string | undefined; readonly operator?: string | undefined }
/** The owner of keys: the store's path and id, and the operator's name. */
export type Identity = { readonly store: string; readonly storeId: string; readonly operator: string }

export const isWhich = ({ store, operator }: Fields): boolean => isOptionalText(store) && isOptionalText(operator)

/**
 * The result of a request. `unheard`: no process listens on the socket. `silent`: a process took the request and sent
 * no valid reply.
 */
export type Heard<T> = { readonly reply: T } | 'unheard' | 'silent'

/**
 * Sends one request and waits at most `withinMs` milliseconds. Throws `refused` only if other users can enter the
 * socket's directory; it never rejects.
 */
export function exchange<T>(
  places: Places,
  request: unknown,
  isReply: (value: unknown) => value is T,
  withinMs: number,
): Promise<Heard<T>> {
  if (places.runtime !== null) {
    if (!existsSync(places.socket)) return Promise.resolve('unheard')
    requirePrivateDirectory(places.runtime, places.uid)
  }
  return new Promise((resolve) => {
    const socket = connect(places.socket)
    let failed: Heard<T> = 'unheard'
    const finish = (heard: Heard<T>) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(heard)
    }
    const timer = setTimeout(() => finish(failed), withinMs)
    socket.on('error', () => finish(failed))
    socket.on('close', () => finish(failed))
    socket.on('connect', () => {
      failed = 'silent'
      socket.write(`${JSON.stringify(request)}\n`)
    })
    readMessage(
      socket,
      isReply,
      (reply) => finish({ reply }),
      () => finish('silent'),
    )
  })
}

/**
 * Calls `onMessage` for the first line. Calls `onNonsense` instead if that line is too long, is not JSON, or is not
 * such a message.
 */
export function readMessage<T>(
  socket: Socket,
  isMessage: (value: unknown) => value is T,
  onMessage: (message: T) => void,
  onNonsense: () => void,
): void {
  const chunks: Buffer[] = []
  let length = 0
  const onData = (chunk: Buffer) => {
    const end = chunk.indexOf('\n')
    chunks.push(end === -1 ? chunk : chunk.subarray(0, end))
    length += chunk.length
    if (end === -1 && length <= LONGEST_MESSAGE) return
    socket.off('data', onData)
    const message = length > LONGEST_MESSAGE ? null : parseMessage(Buffer.concat(chunks))
    if (isMessage(message)) onMessage(message)
    else onNonsense()
  }
  socket.on('data', onData)
}

function parseMessage(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return null
  }
}
