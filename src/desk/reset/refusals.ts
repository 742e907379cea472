/**
 * Refusals for reset codes, with the operator's words to the caller. One function a reason. None holds a confirmation
 * code.
 */
import type { Refusal } from '../../errors.ts'
import type { Device, Operator } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import { describePlace, type HeardCode } from './heard-code.ts'

export const unknownTag = (tag: string): Refusal => ({
  kind: 'notfound',
  reason: 'unknown-tag',
  message: `no device of this desk has the tag ${tag}`,
  hint: 'ask the caller to read the first group again; if it is the same, the device belongs to another desk',
})

export const otherDevice = (device: Device): Refusal => ({
  kind: 'rejected',
  reason: 'other-device',
  message: `the code is of another device: ${device.name} of ${device.user}`,
  hint: 'ask the caller which device shows the code; do not go on until it is the one you looked up',
})

export const blocked = (device: Device): Refusal => ({
  kind: 'refused',
  reason: 'blocked',
  message: `${device.name} of ${device.user} is blocked: ${device.blockedFor}`,
  hint: `tell the caller that an administrator must look at it first: keydesk device unblock ${device.deviceId}`,
})

export const retired = (device: Device): Refusal => ({
  kind: 'refused',
  reason: 'retired',
  message: `${device.name} of ${device.user} is retired`,
  // The user's name is left out: it is foreign text, and operators paste hints into a shell.
  hint: 'tell the caller that this device must be enrolled anew: keydesk device invite --user USER',
})

export const notGenuine = (device: Device, full: boolean): Refusal => ({
  kind: 'rejected',
  reason: 'not-genuine',
  message: `the code did not come from ${device.name} of ${device.user}${full ? '; the device is now blocked' : ''}`,
  hint: 'ask the caller to read the whole code again from the screen; if it is the same, give no code and tell your administrator',
})

export const notCorrectable = (heard: HeardCode, full: boolean): Refusal => ({
  kind: 'mistyped',
  reason: 'misheard',
  message: `the code was misheard in more than ${heard.corrections.length} of its symbols${full ? '; the device is now blocked' : ''}`,
  hint: 'ask the caller to read the whole code again, one group at a time',
})

export const corrected = ({ code, corrections }: HeardCode): Refusal => ({
  kind: 'mistyped',
  reason: 'corrected',
  message: `one symbol is wrong: ${corrections.map(describePlace).join(', ')}`,
  hint: `read ${code} back to the caller; if the app shows just that: keydesk reset confirm ${code}`,
  details: { proposal: code },
})

export const callerUnverified = ({ verificationMethods }: Policy, { role }: Operator): Refusal => ({
  kind: 'refused',
  reason: 'caller-unverified',
  message: `policy demands that the caller is verified first: by ${verificationMethods.join(', ') || 'no method at all'}`,
  hint:
    'ask for a code of their app (--totp CODE), call back on the number on file, or ask the manager, then say so by --verified-by' +
    (role === 'admin' ? '; to do without, say why: --reason TEXT' : ''),
})

export const oldEpoch = (device: Device, epoch: number): Refusal => ({
  kind: 'rejected',
  reason: 'old-epoch',
  message: `the code is an old one (epoch ${epoch}; ${device.lastConfirmed?.epoch} was confirmed already)`,
  hint: 'ask for the code that the app shows now; if it is this one, the device was copied or restored: tell your administrator',
})

export const repeatForbidden = (device: Device, isAdmin: boolean): Refusal => ({
  kind: 'refused',
  reason: 'confirmed-already',
  message: `this code of ${device.name} of ${device.user} was confirmed already`,
  hint: isAdmin
    ? 'to show the same code again, say why: --reason TEXT'
    : 'ask the caller whether the app shows a new code by now; an administrator can show this one again',
})
