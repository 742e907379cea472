/**
 * The state outside the encrypted database (specification §5). It can be read on a locked or stolen device. Nothing in
 * it computes a confirmation code.
 * - It is one JSON file with a checksum. A file is damaged unless it is, byte for byte, what `formatState` writes.
 * - The checksum finds bit rot, not a forger. Anyone who can write the file can also reset its counters.
 */
import { createHash } from 'node:crypto'
import { decodeBase64Url, decodeHex, decodeText, encodeBase64Url, encodeHex } from '../crypto/bytes.ts'
import { readResetCode } from '../crypto/codes.ts'
import { type DeviceState, EPOCH_BITS, ID_BYTES, SECRET_BYTES } from '../crypto/keys.ts'
import { slotLength } from '../crypto/slot.ts'
import { parseSpoken, type ResetCode } from '../crypto/spoken.ts'
import { TAG_BITS } from '../crypto/tag.ts'
import { bip39English } from '../crypto/words.ts'
import type { Failures } from './delays.ts'

/** The name of this file's format. A newer format is refused; an older one would be migrated here. */
const FORMAT = 'keydesk-device/1'

export type StoredState = DeviceState & {
  readonly organisation: string
  readonly user: string
  /** The invitation's flag: whether this device may have a PIN way (specification §8). */
  readonly pinAllowed: boolean
  readonly resetCode: ResetCode
  readonly deskWords: readonly [string, string]
  /** The reset code was shown: the next ordinary unlock rotates the epoch. */
  readonly resetShown: boolean
  /** Kind 1. Null after a right confirmation code or PIN, until a new password is set. */
  readonly passwordSlot: Uint8Array | null
  /** Kind 2, under the confirmation code of this epoch. */
  readonly recoverySlot: Uint8Array
  readonly passwordFailures: Failures
  readonly codeFailures: Failures
  readonly pin: PinMarks
}

/** The marks of the PIN way. On a device without a PIN way they never change. */
export type PinMarks = {
  /** Wrong PINs since the last right PIN or full reset exchange. */
  readonly wrong: number
  readonly lastUsedMinute: number | null
  /**
   * The highest minute since 1970 that any command has seen. So a clock that was set back makes no old PIN valid again.
   */
  readonly latestMinute: number
}

export function formatState(state: StoredState): Uint8Array {
  const fields = {
    id: encodeHex(state.id),
    tag: state.tag,
    epoch: state.epoch,
    organisation: state.organisation,
    user: state.user,
    pinAllowed: state.pinAllowed,
    resetCode: state.resetCode,
    deskWords: state.deskWords,
    resetShown: state.resetShown,
    passwordSlot: state.passwordSlot === null ? null : encodeBase64Url(state.passwordSlot),
    recoverySlot: encodeBase64Url(state.recoverySlot),
    passwordFailures: { count: state.passwordFailures.count, lastAtMs: state.passwordFailures.lastAtMs },
    codeFailures: { count: state.codeFailures.count, lastAtMs: state.codeFailures.lastAtMs },
    pin: {
      wrong: state.pin.wrong,
      lastUsedMinute: state.pin.lastUsedMinute,
      latestMinute: state.pin.latestMinute,
    },
  }
  const checksum = createHash('sha256').update(JSON.stringify(fields)).digest('hex')
  return new TextEncoder().encode(`${JSON.stringify({ format: FORMAT, checksum, state: fields }, null, 2)}\n`)
}

/** Null unless the bytes are exactly what `formatState` writes for some state of a device. */
export function parseState(bytes: Uint8Array): StoredState | null {
  const text = decodeText(bytes)
  const document = text === null ? null : asFields(parseJson(text))
  const fields = asFields(document?.['state'])
  const state = fields === null ? null : readState(fields)
  // Formatting the state again proves the checksum and the format's name, and that nothing was added, doubled or left
  // out.
  return state !== null && Buffer.from(formatState(state)).equals(bytes) ? state : null
}

type Fields = Readonly<Record<string, unknown>>

function readState(fields: Fields): StoredState | null {
  const state = {
    ...readIdentity(fields),
    resetCode: readCode(fields['resetCode']),
    deskWords: readWords(fields['deskWords']),
    resetShown: fields['resetShown'],
    passwordSlot: fields['passwordSlot'] === null ? ('none' as const) : readSlot(fields['passwordSlot']),
    recoverySlot: readSlot(fields['recoverySlot']),
    passwordFailures: readFailures(fields['passwordFailures']),
    codeFailures: readFailures(fields['codeFailures']),
    pin: readMarks(fields['pin']),
  }
  if (Object.values(state).includes(null) || typeof state.resetShown !== 'boolean') return null
  const claim = readResetCode(state.resetCode as ResetCode)
  if (claim.tag !== state.tag || claim.epoch !== state.epoch) return null
  return { ...state, passwordSlot: state.passwordSlot === 'none' ? null : state.passwordSlot } as StoredState
}

/** The fields that identify the device. A field that does not have its form is null. */
function readIdentity({ id, tag, epoch, organisation, user, pinAllowed }: Fields) {
  const idBytes = typeof id === 'string' ? decodeHex(id) : null
  return {
    id: idBytes?.length === ID_BYTES ? idBytes : null,
    tag: isUnsigned(tag, TAG_BITS) ? tag : null,
    epoch: isUnsigned(epoch, EPOCH_BITS) ? epoch : null,
    organisation: typeof organisation === 'string' ? organisation : null,
    user: typeof user === 'string' ? user : null,
    pinAllowed: typeof pinAllowed === 'boolean' ? pinAllowed : null,
  }
}

function readCode(value: unknown): ResetCode | null {
  const parsed = typeof value === 'string' ? parseSpoken(value, 'reset') : null
  return parsed?.ok === true && parsed.code === value ? parsed.code : null
}

function readWords(value: unknown): readonly [string, string] | null {
  const known = Array.isArray(value) && value.length === 2 && value.every((word) => bip39English().includes(word))
  return known ? (value as [string, string]) : null
}

function readSlot(value: unknown): Uint8Array | null {
  const slot = typeof value === 'string' ? decodeBase64Url(value) : null
  return slot?.length === slotLength(SECRET_BYTES) ? slot : null
}

function readFailures(value: unknown): Failures | null {
  const fields = asFields(value)
  if (fields === null || !isUnsigned(fields['count'], 53) || !isUnsigned(fields['lastAtMs'], 53)) return null
  return { count: fields['count'], lastAtMs: fields['lastAtMs'] }
}

function readMarks(value: unknown): PinMarks | null {
  const { wrong, lastUsedMinute, latestMinute } = asFields(value) ?? {}
  const usedIsMinute = lastUsedMinute === null || isUnsigned(lastUsedMinute, 32)
  if (!isUnsigned(wrong, 53) || !isUnsigned(latestMinute, 53) || !usedIsMinute) return null
  return { wrong, lastUsedMinute, latestMinute }
}

function isUnsigned(value: unknown, bits: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 2 ** bits
}

function asFields(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
