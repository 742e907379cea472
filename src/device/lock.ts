/**
 * The lock of the app as pure transitions (specification §5): (keys, state) → the next state. The caller writes that
 * state in one piece.
 * - No transition leaves a state that no slot opens.
 * - No transition reuses a confirmation code in a later epoch.
 */
import { encodeText } from '../crypto/bytes.ts'
import { deriveConfirmationCode, deriveDeskWords, deriveResetCode } from '../crypto/codes.ts'
import { type DeviceSecret, type DeviceState, encodeDeviceState, LAST_EPOCH } from '../crypto/keys.ts'
import { type OpenedSlot, openSlot, sealSlot } from '../crypto/slot.ts'
import { type ConfirmationCode, stripHyphens } from '../crypto/spoken.ts'
import { NO_FAILURES } from './delays.ts'
import type { StoredState } from './state.ts'

/** Keys that only an open app has: the database key, and the device secret from the database. */
export type AppKeys = { readonly dbk: Uint8Array; readonly secret: DeviceSecret }
/** The salt is 16 random bytes, fresh for every slot. */
export type Sealing = { readonly salt: Uint8Array; readonly logN: number }

/** Whether the device is in its last epoch. Then it must be enrolled again. */
export const isLastEpoch = ({ epoch }: DeviceState): boolean => epoch === LAST_EPOCH

/**
 * The codes of one epoch: the reset code and the desk words to show, and DBK in a slot under the confirmation code. The
 * confirmation code itself is not kept.
 */
export function issueCodes({ dbk, secret }: AppKeys, state: DeviceState, { salt, logN }: Sealing) {
  const typed = encodeText(stripHyphens(deriveConfirmationCode(secret, state)))
  const context = encodeDeviceState(state)
  return {
    resetCode: deriveResetCode(secret, state),
    deskWords: deriveDeskWords(secret, state),
    recoverySlot: sealSlot(typed, dbk, { kind: 'recovery', context, salt, logN }),
  }
}

/**
 * The state of epoch + 1 with its codes, not shown yet. In the last epoch nothing changes: otherwise nothing would open
 * the device.
 */
function rotateEpoch(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  if (isLastEpoch(state)) return state
  const next = { ...state, epoch: state.epoch + 1, resetShown: false }
  return { ...next, ...issueCodes(keys, next, sealing) }
}

/**
 * *Forgot the password*: marks the reset code as shown. From now on the desk may confirm it without the device's
 * knowledge.
 */
export function showResetCode(state: StoredState): StoredState {
  return { ...state, resetShown: true }
}

/**
 * After the right password: clears the failures. If the reset code was shown, rotates the epoch, because that code is
 * not needed any more.
 */
export function acceptPassword(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  const unlocked = { ...state, passwordFailures: NO_FAILURES }
  return unlocked.resetShown ? rotateEpoch(keys, unlocked, sealing) : unlocked
}

/**
 * After the right confirmation code: the next epoch, without a password. Now only another exchange or `setPassword`
 * opens the device.
 */
export function acceptCode(keys: AppKeys, state: StoredState, sealing: Sealing): StoredState {
  const next = rotateEpoch(keys, state, sealing)
  return { ...next, passwordSlot: null, passwordFailures: NO_FAILURES, codeFailures: NO_FAILURES }
}

/**
 * After the right PIN: as after a right confirmation code. The PIN of this minute and all PINs of earlier minutes
 * become invalid.
 */
export function acceptPin(keys: AppKeys, state: StoredState, minute: number, sealing: Sealing): StoredState {
  return { ...acceptCode(keys, state, sealing), pin: { ...state.pin, wrong: 0, lastUsedMinute: minute } }
}

/**
 * After a full reset exchange: clears the count of wrong PINs, and sets the latest minute to now. So a clock that once
 * ran ahead no longer blocks the PIN way.
 */
export function reopenPinWay(state: StoredState, nowMinute: number): StoredState {
  return state.pinAllowed ? { ...state, pin: { ...state.pin, wrong: 0, latestMinute: nowMinute } } : state
}

/** Locks DBK under a password. The caller has checked the password with `password-rules.ts`. */
export function setPassword(
  password: string,
  dbk: Uint8Array,
  state: StoredState,
  { salt, logN }: Sealing,
): StoredState {
  const passwordSlot = sealSlot(encodeText(password), dbk, { kind: 'password', context: state.id, salt, logN })
  return { ...state, passwordSlot, passwordFailures: NO_FAILURES }
}

/** Opens the password slot: DBK, or why it did not open. */
export function tryPasswordSlot(password: string, slot: Uint8Array, state: DeviceState, logN: number): OpenedSlot {
  return openSlot(encodeText(password), slot, { kind: 'password', context: state.id, logN })
}

/** Opens the recovery slot with the confirmation code of this epoch: DBK, or why it did not open. */
export function tryRecoverySlot(code: ConfirmationCode, state: StoredState, logN: number): OpenedSlot {
  const context = encodeDeviceState(state)
  return openSlot(encodeText(stripHyphens(code)), state.recoverySlot, { kind: 'recovery', context, logN })
}
