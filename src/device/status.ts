/**
 * The status that the device tells anyone who holds it. It needs no key, except for the number of settings of an open
 * app.
 */
import { encodeHex } from '../crypto/bytes.ts'
import { WRONG_PINS } from '../crypto/pin.ts'
import { type App, changeDevice, loadDatabase } from './app.ts'
import { computeWait } from './delays.ts'
import { isLastEpoch } from './lock.ts'
import { readSession } from './session.ts'

export type Status = {
  /** 32 hexadecimal digits. */
  readonly deviceId: string
  readonly tag: number
  readonly organisation: string
  readonly user: string
  readonly epoch: number
  /** The last epoch is reached: this device must be enrolled again. */
  readonly enrolAnew: boolean
  readonly locked: boolean
  readonly passwordSet: boolean
  readonly resetShown: boolean
  readonly pinAllowed: boolean
  readonly pinFailures: number
  /** Five PINs were wrong: the PIN way is closed until a full reset exchange. */
  readonly pinClosed: boolean
  readonly passwordFailures: number
  readonly passwordWaitSeconds: number
  readonly codeFailures: number
  readonly codeWaitSeconds: number
  /** The number of settings; null while the app is locked. */
  readonly settings: number | null
}

export function readStatus(app: App): Status {
  return changeDevice(app, (state) => {
    const nowMs = app.world.clock()
    const dbk = readSession(app.storage)
    return {
      deviceId: encodeHex(state.id),
      tag: state.tag,
      organisation: state.organisation,
      user: state.user,
      epoch: state.epoch,
      enrolAnew: isLastEpoch(state),
      locked: dbk === null,
      passwordSet: state.passwordSlot !== null,
      resetShown: state.resetShown,
      pinAllowed: state.pinAllowed,
      pinFailures: state.pin.wrong,
      pinClosed: state.pin.wrong >= WRONG_PINS,
      passwordFailures: state.passwordFailures.count,
      passwordWaitSeconds: computeWait(state.passwordFailures, nowMs),
      codeFailures: state.codeFailures.count,
      codeWaitSeconds: computeWait(state.codeFailures, nowMs),
      settings: dbk === null ? null : loadDatabase(app, dbk, state.id).settings.size,
    }
  })
}
