/**
 * What passes over the agent's socket: one request and one reply, each a line of JSON. Both ends run as the same user, and the
 * directory keeps the others out; still, what is not exactly a message is no message: a slip of ours must not end the agent.
 */
import type { Socket } from 'node:net'
import { decodeBase64Url, encodeBase64Url } from '../crypto/bytes.ts'
import {
  decodeKeyring,
  type EncodedKeyring,
  encodeKeyring,
  type Keyring,
  type OpenedKeyring,
  type OperatorKeys,
} from './keyring.ts'

/** Longer than any request or reply of ours: a keyring grows by a key a section with each rekeying. */
export const LONGEST_MESSAGE = 2 ** 20

export type Which = { readonly store?: string | undefined; readonly operator?: string | undefined }
/** Whose keys: the store's path and id, and the operator's name. */
export type Identity = { readonly store: string; readonly storeId: string; readonly operator: string }
export type Held = Identity & {
  readonly role: string
  /** null where only the status was asked for. */
  readonly keys: EncodedKeys | null
  /** Milliseconds since 1970: when they will be forgotten if they are not used before. */
  readonly expiresAt: number
}
export type EncodedKeys = {
  readonly operatorId: string
  readonly boxSecret: string
  readonly signingSeed: string
  /** The keyring as it stood when the keys were unlocked. */
  readonly keyring: { readonly sealed: string; readonly sections: EncodedKeyring }
}

export type Request =
  | ({ readonly op: 'get' | 'status' | 'lock' } & Which)
  | { readonly op: 'put'; readonly held: Held; readonly idleSeconds: number; readonly limitSeconds: number }
export type Reply = { readonly held: readonly Held[] }

export function encodeKeys(
  { operatorId, boxSecret, signingSeed }: OperatorKeys,
  { sealed, keyring }: OpenedKeyring,
): EncodedKeys {
  return {
    operatorId: encodeBase64Url(operatorId),
    boxSecret: encodeBase64Url(boxSecret),
    signingSeed: encodeBase64Url(signingSeed),
    keyring: { sealed: encodeBase64Url(sealed), sections: encodeKeyring(keyring) },
  }
}

/** Of keys that passed `isReply` or came from `encodeKeys`. */
export function decodeKeys({ operatorId, boxSecret, signingSeed, keyring }: EncodedKeys): {
  keys: OperatorKeys
  opened: OpenedKeyring
} {
  const decode = (text: string) => decodeBase64Url(text) as Uint8Array
  return {
    keys: { operatorId: decode(operatorId), boxSecret: decode(boxSecret), signingSeed: decode(signingSeed) },
    opened: { sealed: decode(keyring.sealed), keyring: decodeKeyring(keyring.sections) as Keyring },
  }
}

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): boolean => typeof value === 'string'
const isOptionalText = (value: unknown): boolean => value === undefined || isText(value)
const isSpan = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0
const isBytes = (value: unknown, length?: number): boolean => {
  const bytes = typeof value === 'string' ? decodeBase64Url(value) : null
  return bytes !== null && (length === undefined || bytes.length === length)
}

export function isRequest(value: unknown): value is Request {
  if (!isFields(value)) return false
  if (value['op'] === 'put')
    return isHeld(value['held']) && isSpan(value['idleSeconds']) && isSpan(value['limitSeconds'])
  return (
    ['get', 'status', 'lock'].includes(value['op'] as string) &&
    isOptionalText(value['store']) &&
    isOptionalText(value['operator'])
  )
}

export function isReply(value: unknown): value is Reply {
  return isFields(value) && Array.isArray(value['held']) && value['held'].every(isHeld)
}

function isHeld(value: unknown): value is Held {
  if (!isFields(value) || !['store', 'storeId', 'operator', 'role'].every((name) => isText(value[name]))) return false
  return Number.isFinite(value['expiresAt']) && (value['keys'] === null || isEncodedKeys(value['keys']))
}

function isEncodedKeys(value: unknown): value is EncodedKeys {
  if (!isFields(value) || !isFields(value['keyring'])) return false
  const { sealed, sections } = value['keyring']
  if (!isBytes(value['operatorId'], 16) || !isBytes(value['boxSecret'], 32) || !isBytes(value['signingSeed'], 32))
    return false
  return isBytes(sealed) && decodeKeyring(sections) !== null
}

/** Calls `onMessage` for the first line that comes, `onNonsense` for one that is too long, no JSON, or no such message. */
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
