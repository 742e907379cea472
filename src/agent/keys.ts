/** The form in which keys are sent to the agent and back, with the details that go with them. */
import { decodeBase64Url, encodeBase64Url } from '../crypto/bytes.ts'
import { isFields, isSpan, isText } from '../guards.ts'
import {
  decodeKeyring,
  type EncodedKeyring,
  encodeKeyring,
  type Keyring,
  type OpenedKeyring,
  type OperatorKeys,
} from '../store/keyring.ts'
import { type Identity, isWhich, type Which } from './socket.ts'

/** Keys that nobody uses are forgotten after this time, even before their limit. */
export const IDLE_SECONDS = 900

export type Held = Identity & {
  readonly role: string
  /** Null in every reply except the one to `get`. */
  readonly keys: EncodedKeys | null
  /** Milliseconds since 1970: when the keys are forgotten, unless they are used before. */
  readonly expiresAt: number
}
export type EncodedKeys = {
  readonly operatorId: string
  readonly boxSecret: string
  readonly signingSeed: string
  /** The keyring as it was when the keys were unlocked. */
  readonly keyring: { readonly sealed: string; readonly sections: EncodedKeyring }
}

export type KeyRequest =
  | ({ readonly op: 'get' | 'status' | 'lock' } & Which)
  | { readonly op: 'put'; readonly held: Held; readonly idleSeconds: number; readonly limitSeconds: number }
export type KeyReply = { readonly held: readonly Held[] }

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

/** For keys that passed `isKeyReply` or came from `encodeKeys`: they are not checked again. */
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

const isBytes = (value: unknown, length?: number): boolean => {
  const bytes = typeof value === 'string' ? decodeBase64Url(value) : null
  return bytes !== null && (length === undefined || bytes.length === length)
}

export function isKeyRequest(value: unknown): value is KeyRequest {
  if (!isFields(value)) return false
  if (value['op'] === 'put')
    return isHeld(value['held']) && isSpan(value['idleSeconds']) && isSpan(value['limitSeconds'])
  return ['get', 'status', 'lock'].includes(value['op'] as string) && isWhich(value)
}

export function isKeyReply(value: unknown): value is KeyReply {
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
