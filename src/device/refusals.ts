/**
 * The refusals of the device: each says why, and what its user can do. One function a reason. None holds a code, key or
 * password.
 */
import type { Refusal } from '../errors.ts'

const GONE =
  'if a copy of the directory was kept, put it back; otherwise remove it and enrol anew: its settings are lost'

export const noDevice = (directory: string): Refusal => ({
  kind: 'notfound',
  reason: 'no-device',
  message: `no device in ${directory}`,
  hint: 'enrol one: keydesk-device --state DIR enroll INVITATION',
})

export const alreadyEnrolled = (directory: string): Refusal => ({
  kind: 'refused',
  reason: 'already-enrolled',
  message: `there is a device in ${directory} already`,
  hint: 'choose another --state DIR; to enrol this one anew, remove its directory first, and its settings with it',
})

export const notEmpty = (directory: string, entry: string): Refusal => ({
  kind: 'refused',
  reason: 'not-empty',
  message: `${directory} holds other things (${entry}); a device keeps a directory of its own`,
  hint: 'choose a directory that is empty or does not exist yet',
})

export const damagedFile = (name: string): Refusal => ({
  kind: 'damaged',
  reason: 'damaged',
  message: `${name} is damaged or not this device's own`,
  hint: GONE,
})

export const damagedSlot = (which: 'password' | 'recovery'): Refusal => ({
  kind: 'damaged',
  reason: 'damaged-slot',
  message: `the ${which} slot is damaged`,
  hint: which === 'password' ? 'the helpdesk can still help: keydesk-device forgot' : GONE,
})

export const damagedInvitation = (): Refusal => ({
  kind: 'damaged',
  reason: 'damaged-invitation',
  message: 'the invitation is not whole, or not one of this version',
  hint: 'copy it again, all of it, from keydesk:enrol/1/ to its end; or ask the helpdesk for a new one',
})

export const wrongEnrolmentCode = (): Refusal => ({
  kind: 'rejected',
  reason: 'wrong-code',
  message: 'the enrolment code is not the one of this invitation',
  hint: 'ask the helpdesk which code belongs to it; code and invitation come together and travel apart',
})

export const wrongPassword = (waitSeconds: number): Refusal => ({
  kind: 'locked',
  reason: 'wrong-password',
  message: 'the app password is wrong',
  hint: `if it is forgotten: keydesk-device forgot${waitSeconds > 0 ? `; the next try is heard in ${describeWait(waitSeconds)}` : ''}`,
  ...(waitSeconds > 0 && { details: { waitSeconds } }),
})

export const wrongCode = (waitSeconds: number): Refusal => ({
  kind: 'rejected',
  reason: 'wrong-code',
  message: 'the confirmation code is not the one for the reset code that this app shows',
  hint: `read the code of keydesk-device forgot to the helpdesk once more${waitSeconds > 0 ? `; the next try is heard in ${describeWait(waitSeconds)}` : ''}`,
  ...(waitSeconds > 0 && { details: { waitSeconds } }),
})

export const tooEarly = (what: 'password' | 'code', count: number, waitSeconds: number): Refusal => ({
  kind: 'refused',
  reason: 'too-early',
  message: `${count} wrong ${what}s in a row: the next try is heard in ${describeWait(waitSeconds)}`,
  hint:
    what === 'password'
      ? 'if it is forgotten: keydesk-device forgot'
      : 'meanwhile, ask the helpdesk to read the code once more',
  details: { waitSeconds },
})

/** Rounded up, so that a try after this time is not refused as too early. */
export const describeWait = (seconds: number): string =>
  seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`

export const noPassword = (): Refusal => ({
  kind: 'locked',
  reason: 'no-password',
  message: 'the old password was removed and no new one was set: only the helpdesk can open this app now',
  hint: 'show the new reset code and call the helpdesk again: keydesk-device forgot',
})

export const lockedApp = (): Refusal => ({
  kind: 'locked',
  reason: 'locked',
  message: 'the app is locked',
  hint: 'open it with keydesk-device open, or give --password-file FILE',
})

export const changedMeanwhile = (): Refusal => ({
  kind: 'refused',
  reason: 'changed-meanwhile',
  message: 'another process changed this device meanwhile; the new password was not set',
  hint: 'see where it stands: keydesk-device status',
})

export const brokenRule = (what: 'weak-password' | 'setting', message: string, hint?: string): Refusal => ({
  kind: 'usage',
  reason: what,
  message,
  ...(hint !== undefined && { hint }),
})

export const noSetting = (key: string): Refusal => ({
  kind: 'notfound',
  reason: 'no-setting',
  message: `no setting ${key}`,
  hint: 'see what there is: keydesk-device list',
})
