/**
 * The PIN way on the device (specification §8). It needs a clock and no network.
 * - A try is saved before the digits are compared, so that a kill gives no free try.
 * - A right PIN ends like a right confirmation code.
 * - An ordinary unlock does not clear the count of wrong PINs. A right PIN clears it, and so does a full reset
 *   exchange.
 */
import {
  findPinMinute,
  isPin,
  LONGEST_PIN_MINUTES,
  minuteOf,
  PIN_SKEW_MINUTES,
  parsePin,
  WRONG_PINS,
} from '../crypto/pin.ts'
import { KeydeskError } from '../errors.ts'
import { type App, changeDevice, drawSealing, loadDatabase, saveState } from './app.ts'
import type { Accepted } from './exchange.ts'
import { type PinKeys, readKeystore } from './keystore.ts'
import { acceptPin } from './lock.ts'
import * as refusals from './pin-refusals.ts'
import { closeSession } from './session.ts'
import type { StoredState } from './state.ts'

/** Reads a typed PIN of ten digits. Throws `mistyped`, which does not count as a try. */
export function readPin(typed: string): string {
  const pin = parsePin(typed)
  if (pin === null) throw KeydeskError.of(refusals.notAPin())
  return pin
}

/**
 * Checks a typed user name. Throws `usage` when it is empty, or longer than any name that an invitation holds and a
 * person types.
 */
export function readUser(typed: string): string {
  if (typed.trim() !== '' && typed.length <= LONGEST_USER) return typed
  throw KeydeskError.of(refusals.notAUser())
}

const LONGEST_USER = 1000

/**
 * Throws `refused` when no PIN can be accepted: there is no PIN way, five PINs were wrong, or the clock was set back.
 */
export function requirePinWay({ pinAllowed, pin }: StoredState, nowMs: number): void {
  if (!pinAllowed) throw KeydeskError.of(refusals.noPinWay())
  if (pin.wrong >= WRONG_PINS) throw KeydeskError.of(refusals.closedByPins())
  if (minuteOf(nowMs) < pin.latestMinute - PIN_SKEW_MINUTES) throw KeydeskError.of(refusals.clockBack())
}

/**
 * Takes the PIN. Then the device is in the next epoch, without a password, and locked. Throws `rejected`, `refused` or
 * `damaged`.
 */
export function acceptPinOf(app: App, user: string, pin: string): Accepted {
  return changeDevice(app, (state) => {
    const nowMs = app.world.clock()
    requirePinWay(state, nowMs)
    const keys = readKeystore(app.storage)
    const minute = findPinMinute(pin, minuteOf(nowMs), LONGEST_PIN_MINUTES)
    if (minute === null) throw KeydeskError.of(refusals.expiredPin())
    tryPin(app, state, keys, { id: state.id, audience: 'device', minute, user }, pin)
    const { dbk } = keys
    const appKeys = { dbk, secret: loadDatabase(app, dbk, state.id).secret }
    const next = acceptPin(appKeys, state, minute, drawSealing(app))
    closeSession(app.storage)
    saveState(app, next)
    return { state: next, keys: appKeys, reopensPin: false }
  })
}

/** Counts the try first. Takes the count back when the digits are right but the PIN was used or replaced. */
function tryPin(
  app: App,
  state: StoredState,
  { pinKey }: PinKeys,
  request: Parameters<typeof isPin>[1],
  pin: string,
): void {
  const wrong = state.pin.wrong + 1
  saveState(app, { ...state, pin: { ...state.pin, wrong } })
  if (!isPin(pinKey, request, pin)) throw KeydeskError.of(refusals.wrongPin(WRONG_PINS - wrong))
  const { lastUsedMinute } = state.pin
  if (lastUsedMinute === null || request.minute > lastUsedMinute) return
  saveState(app, state)
  throw KeydeskError.of(request.minute === lastUsedMinute ? refusals.usedPin() : refusals.replacedPin())
}
