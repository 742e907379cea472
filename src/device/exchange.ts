/**
 * The reset exchange, the device's half (specification §5). A right confirmation code costs the old password in the same durable
 * write that makes the next code; a new password is a second write. Whoever stops between the two stays locked out,
 * and a crash before the first leaves the old code good.
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

/** What the right code opened, and what stands on disk since. The keys are for `finishReset`, and for nothing that is kept. */
export type Accepted = {
  readonly state: StoredState
  readonly keys: AppKeys
  /** A confirmation code with a new password after it is a full exchange; a PIN is not. */
  readonly reopensPin: boolean
}

/** *Forgot the password*: remembers that the code is shown, before it is. */
export function forgetPassword(app: App): StoredState {
  return changeDevice(app, (state) => {
    const shown = showResetCode(state)
    if (!state.resetShown) saveState(app, shown)
    return shown
  })
}

/** The confirmation code that was typed. Throws `mistyped`, at no cost: no key is touched, nothing is counted or corrected. */
export function readConfirmationCode(typed: string): ConfirmationCode {
  const parsed = parseSpoken(typed, 'confirm')
  if (!parsed.ok) throw KeydeskError.of(mistypedCode(parsed, 'confirm'))
  return parsed.code
}

/** Takes the code: the next epoch, no password, locked. Throws `rejected` (counted), `refused` while a wait lasts, or `damaged`. */
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

/** Sets the new password and opens the app. Throws `usage` for a weak one, `refused` when the device has moved on since. */
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
