/**
 * The lock of the app as pure transitions (specification §5): (keys, state) → the next state, which the caller writes in one piece.
 * None of them leaves a state that no slot opens, and none reuses a confirmation code in a later epoch.
 */
import { encodeText } from '../crypto/bytes.ts'
import { deriveConfirmationCode, deriveDeskWords, deriveResetCode } from '../crypto/codes.ts'
import { type DeviceSecret, type DeviceState, encodeDeviceState, LAST_EPOCH } from '../crypto/keys.ts'
import { type OpenedSlot, openSlot, sealSlot } from '../crypto/slot.ts'
import { type ConfirmationCode, stripHyphens } from '../crypto/spoken.ts'
import { NO_FAILURES } from './delays.ts'
import type { StoredState } from './state.ts'

/** What only an open app has: the database key, and the device secret out of the database. */
export type AppKeys = { readonly dbk: Uint8Array; readonly secret: DeviceSecret }
/** The salt is 16 random bytes, fresh for every slot. */
export type Sealing = { readonly salt: Uint8Array; readonly logN: number }

/** There is no epoch after the last one: this device must be enrolled anew. */
export const isLastEpoch = ({ epoch }: DeviceState): boolean => epoch === LAST_EPOCH

/** The codes of one epoch: what is shown, and DBK under the confirmation code, which is not kept. */
export function issueCodes({ dbk, secret }: AppKeys, state: DeviceState, { salt, logN }: Sealing) {
  const typed = encodeText(stripHyphens(deriveConfirmationCode(secret, state)))
  const context = encodeDeviceState(state)
  return {
    resetCode: deriveResetCode(secret, state),
    deskWords: deriveDeskWords(secret, state),
    recoverySlot: sealSlot(typed, dbk, { kind: 'recovery', context, salt, logN }),
  }
}

/** epoch + 1 with its codes, none of them shown yet. In the last epoch everything stays, or nothing would open the device. */
function rotateEpoch(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  if (isLastEpoch(state)) return state
  const next = { ...state, epoch: state.epoch + 1, resetShown: false }
  return { ...next, ...issueCodes(keys, next, sealing) }
}

/** *Forgot the password*: the reset code is out, and may be confirmed behind our back. */
export function showResetCode(state: StoredState): StoredState {
  return { ...state, resetShown: true }
}

/** After the right password: a code that was shown and is not needed any more is rotated away. */
export function acceptPassword(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  const unlocked = { ...state, passwordFailures: NO_FAILURES }
  return unlocked.resetShown ? rotateEpoch(keys, unlocked, sealing) : unlocked
}

/** After the right confirmation code: the next epoch, and no password. Only another exchange or `setPassword` opens it now. */
export function acceptCode(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  const next = rotateEpoch(keys, state, sealing)
  return { ...next, passwordSlot: null, passwordFailures: NO_FAILURES, codeFailures: NO_FAILURES }
}

/** After the right PIN: like a right confirmation code; the PIN of this minute, and of every earlier one, is good no more. */
export function acceptPin(keys: AppKeys, state: StoredState, minute: number, sealing: Sealing): StoredState {
  return { ...acceptCode(keys, state, sealing), pin: { ...state.pin, wrong: 0, lastUsedMinute: minute } }
}

/** After a full reset exchange: five wrong PINs are forgotten, and so is a clock that once ran ahead. */
export function reopenPinWay(state: StoredState, nowMinute: number): StoredState {
  return state.pinAllowed ? { ...state, pin: { ...state.pin, wrong: 0, latestMinute: nowMinute } } : state
}

/** Locks DBK under a password; which one, `password-rules.ts` has judged. */
export function setPassword(
  password: string,
  dbk: Uint8Array,
  state: StoredState,
  { salt, logN }: Sealing,
): StoredState {
  const passwordSlot = sealSlot(encodeText(password), dbk, { kind: 'password', context: state.id, salt, logN })
  return { ...state, passwordSlot, passwordFailures: NO_FAILURES }
}

/** DBK by the app password, or which "no". */
export function tryPasswordSlot(password: string, slot: Uint8Array, state: DeviceState, logN: number): OpenedSlot {
  return openSlot(encodeText(password), slot, { kind: 'password', context: state.id, logN })
}

/** DBK by the confirmation code of this epoch, or which "no". */
export function tryRecoverySlot(code: ConfirmationCode, state: StoredState, logN: number): OpenedSlot {
  const context = encodeDeviceState(state)
  return openSlot(encodeText(stripHyphens(code)), state.recoverySlot, { kind: 'recovery', context, logN })
}
