/**
 * The reset exchange on the device (specification §5).
 * - A right confirmation code deletes the old password in the same durable write that makes the next code.
 * - A new password is a second write. A user who stops between the two writes stays locked out.
 * - A crash before the first write leaves the old code valid.
 */
import { minuteOf } from '../crypto/pin.ts'
import { type ConfirmationCode, parseSpoken } from '../crypto/spoken.ts'
import { KeydeskError } from '../errors.ts'
import { type App, changeDevice, countTry, drawSealing, loadDatabase, saveState } from './app.ts'
import { computeWait } from './delays.ts'
import { type AppKeys, acceptCode, reopenPinWay, setPassword, showResetCode, tryRecoverySlot } from './lock.ts'
import { mistypedCode } from './mistyped.ts'
import { requirePassword } from './password-rules.ts'
import { changedMeanwhile, damagedSlot, wrongCode } from './refusals.ts'
import { closeSession, openSession } from './session.ts'
import type { StoredState } from './state.ts'

/**
 * The result of a right code or PIN: the state that is now on disk, and the keys. The keys are only for `finishReset`,
 * and must not be stored.
 */
export type Accepted = {
  readonly state: StoredState
  readonly keys: AppKeys
  /** True after a confirmation code: with a new password it is a full reset exchange. False after a PIN. */
  readonly reopensPin: boolean
}

/** *Forgot the password*: saves that the reset code is shown, before it is shown. */
export function forgetPassword(app: App): StoredState {
  return changeDevice(app, (state) => {
    const shown = showResetCode(state)
    if (!state.resetShown) saveState(app, shown)
    return shown
  })
}

/** Reads a typed confirmation code. Throws `mistyped`. No key is used, and nothing is counted or corrected. */
export function readConfirmationCode(typed: string): ConfirmationCode {
  const parsed = parseSpoken(typed, 'confirm')
  if (!parsed.ok) throw KeydeskError.of(mistypedCode(parsed, 'confirm'))
  return parsed.code
}

/**
 * Takes the code. Then the device is in the next epoch, without a password, and locked. Throws `rejected` (counted),
 * `refused` while a wait lasts, or `damaged`.
 */
export function confirmReset(app: App, code: ConfirmationCode): Accepted {
  return changeDevice(app, (state) => {
    const counted = countTry(app, state, 'code')
    const opened = tryRecoverySlot(code, state, app.world.logN)
    if (!opened.ok) {
      const waitSeconds = computeWait(counted.codeFailures, app.world.clock())
      throw KeydeskError.of(opened.why === 'wrong' ? wrongCode(waitSeconds) : damagedSlot('recovery'))
    }
    const dbk = opened.payload
    const keys = { dbk, secret: loadDatabase(app, dbk, state.id).secret }
    const next = acceptCode(keys, counted, drawSealing(app))
    closeSession(app.storage)
    saveState(app, next)
    return { state: next, keys, reopensPin: true }
  })
}

/**
 * Sets the new password and opens the app. Throws `usage` for a weak password, and `refused` when another process
 * changed the device meanwhile.
 */
export function finishReset(app: App, { state: confirmed, keys, reopensPin }: Accepted, password: string): StoredState {
  return changeDevice(app, (state) => {
    requirePassword(password, state)
    if (state.epoch !== confirmed.epoch || state.passwordSlot !== null) throw KeydeskError.of(changedMeanwhile())
    const open = reopensPin ? reopenPinWay(state, minuteOf(app.world.clock())) : state
    const next = setPassword(password, keys.dbk, open, drawSealing(app))
    saveState(app, next)
    openSession(app.storage, keys.dbk)
    return next
  })
}
