/**
 * Enrolment of a device (specification §7), one way and offline.
 * - The invitation's slot opens under the spoken enrolment code. A fresh DBK is drawn, and the device begins at epoch
 *   0.
 * - The state is written last. Until then there is no device, and enrolment can be repeated.
 * - The parts of the invitation outside its slot are not authenticated. So they are shown to the user.
 */
import { encodeText } from '../crypto/bytes.ts'
import { decodeInvitation, type Invitation } from '../crypto/invitation.ts'
import { asDeviceSecret, type DeviceSecret, deriveSubkey } from '../crypto/keys.ts'
import { minuteOf } from '../crypto/pin.ts'
import { openSlot } from '../crypto/slot.ts'
import { type EnrolmentCode, parseSpoken, stripHyphens } from '../crypto/spoken.ts'
import { KeydeskError } from '../errors.ts'
import { type App, drawSealing, refuseSecondDevice, saveDatabase, saveState, type World } from './app.ts'
import { NO_FAILURES } from './delays.ts'
import { writeKeystore } from './keystore.ts'
import { type AppKeys, issueCodes, setPassword } from './lock.ts'
import { mistypedCode } from './mistyped.ts'
import { requirePassword } from './password-rules.ts'
import { damagedInvitation, wrongEnrolmentCode } from './refusals.ts'
import { openSession } from './session.ts'
import type { StoredState } from './state.ts'

/** Reads the text of an invitation. Throws `damaged` when it is not one. */
export function readInvitation(text: string): Invitation {
  const invitation = decodeInvitation(text.trim())
  if (invitation === null) throw KeydeskError.of(damagedInvitation())
  return invitation
}

/** Reads a typed enrolment code. Throws `mistyped`. */
export function readEnrolmentCode(typed: string): EnrolmentCode {
  const parsed = parseSpoken(typed, 'enrol')
  if (!parsed.ok) throw KeydeskError.of(mistypedCode(parsed, 'enrol'))
  return parsed.code
}

/**
 * Opens the invitation's slot with the enrolment code and returns K. Throws `rejected` for a wrong code, or `damaged`.
 * Wrong codes are not counted, because the person who tries them holds the invitation.
 */
export function openInvitation(code: EnrolmentCode, { id, slot }: Invitation, { logN }: World): DeviceSecret {
  const opened = openSlot(encodeText(stripHyphens(code)), slot, { kind: 'enrolment', context: id, logN })
  if (opened.ok) return asDeviceSecret(opened.payload)
  throw KeydeskError.of(opened.why === 'wrong' ? wrongEnrolmentCode() : damagedInvitation())
}

/**
 * Makes the device and leaves it open. Throws `usage` for a weak password and `refused` when there is a device already,
 * both before anything is written.
 */
export function enrolDevice(app: App, secret: DeviceSecret, invitation: Invitation, password: string): StoredState {
  requirePassword(password, invitation)
  refuseSecondDevice(app)
  app.storage.claimDirectory()
  return app.storage.exclusively(() => {
    refuseSecondDevice(app)
    const keys = { dbk: app.world.random(32), secret }
    const state = setPassword(password, keys.dbk, buildState(app, invitation, keys), drawSealing(app))
    app.storage.remove('session')
    if (invitation.pinAllowed) {
      writeKeystore(app.storage, { dbk: keys.dbk, pinKey: deriveSubkey(secret, invitation.id, 'pin') })
    } else app.storage.remove('keystore')
    saveDatabase(app, keys.dbk, { secret, settings: new Map() }, state.id)
    saveState(app, state)
    openSession(app.storage, keys.dbk)
    return state
  })
}

function buildState(app: App, { id, tag, organisation, user, pinAllowed }: Invitation, keys: AppKeys): StoredState {
  const first = { id, tag, epoch: 0 }
  return {
    ...first,
    ...issueCodes(keys, first, drawSealing(app)),
    organisation,
    user,
    pinAllowed,
    resetShown: false,
    passwordSlot: null,
    passwordFailures: NO_FAILURES,
    codeFailures: NO_FAILURES,
    pin: { wrong: 0, lastUsedMinute: null, latestMinute: pinAllowed ? minuteOf(app.world.clock()) : 0 },
  }
}
