/**
 * Opening the app with its password, and changing the password.
 * - A try is counted before it is made.
 * - After the right password, one durable write clears the count. If the reset code had been shown, the same write
 *   rotates the epoch.
 */
import { KeydeskError } from '../errors.ts'
import { type App, changeDevice, countTry, drawSealing, loadDatabase, saveState } from './app.ts'
import { computeWait } from './delays.ts'
import { type AppKeys, acceptPassword, setPassword, tryPasswordSlot } from './lock.ts'
import { requirePassword } from './password-rules.ts'
import { damagedSlot, lockedApp, noPassword, wrongPassword } from './refusals.ts'
import { closeSession, openSession, readSession } from './session.ts'
import type { Settings } from './settings.ts'
import type { StoredState } from './state.ts'

/** An open app. `rotated` is true when the epoch was rotated because the reset code had been shown. */
export type Unlocked = {
  readonly state: StoredState
  readonly keys: AppKeys
  readonly settings: Settings
  readonly rotated: boolean
}

/**
 * Unlocks with the password, inside the caller's `changeDevice`. Throws `locked`, `refused` while a wait lasts, or
 * `damaged`.
 */
function unlockWithPassword(app: App, state: StoredState, password: string): Unlocked {
  if (state.passwordSlot === null) throw KeydeskError.of(noPassword())
  const counted = countTry(app, state, 'password')
  const opened = tryPasswordSlot(password, state.passwordSlot, state, app.world.logN)
  if (!opened.ok) {
    const waitSeconds = computeWait(counted.passwordFailures, app.world.clock())
    throw KeydeskError.of(opened.why === 'wrong' ? wrongPassword(waitSeconds) : damagedSlot('password'))
  }
  const { secret, settings } = loadDatabase(app, opened.payload, state.id)
  const keys = { dbk: opened.payload, secret }
  const next = acceptPassword(keys, counted, drawSealing(app))
  saveState(app, next)
  return { state: next, keys, settings, rotated: next.epoch !== state.epoch }
}

/** Unlocks with the password. Without one, uses the session of an open app, and throws `locked` when there is none. */
export function unlockApp(app: App, state: StoredState, password: string | null): Unlocked {
  if (password !== null) return unlockWithPassword(app, state, password)
  const dbk = readSession(app.storage)
  if (dbk === null) throw KeydeskError.of(state.passwordSlot === null ? noPassword() : lockedApp())
  const { secret, settings } = loadDatabase(app, dbk, state.id)
  return { state, keys: { dbk, secret }, settings, rotated: false }
}

/** Opens the app until it is locked. Without a password the app must already be open. */
export function openApp(app: App, password: string | null): Unlocked {
  return changeDevice(app, (state) => {
    const unlocked = unlockApp(app, state, password)
    if (password !== null) openSession(app.storage, unlocked.keys.dbk)
    return unlocked
  })
}

export function lockApp(app: App): void {
  changeDevice(app, () => closeSession(app.storage))
}

/**
 * Changes the password. The old password is required even when the app is open, because another person may hold the
 * open device.
 */
export function changePassword(app: App, password: string, newPassword: string): Unlocked {
  return changeDevice(app, (state) => {
    requirePassword(newPassword, state)
    const unlocked = unlockWithPassword(app, state, password)
    saveState(app, setPassword(newPassword, unlocked.keys.dbk, unlocked.state, drawSealing(app)))
    return unlocked
  })
}
