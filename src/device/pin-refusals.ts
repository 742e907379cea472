/** The refusals of a PIN: each has its own reason, and says what the user can do. None holds a digit. */
import type { Refusal } from '../errors.ts'

const CALL = 'call the helpdesk with the reset code: keydesk-device forgot'

export const notAPin = (): Refusal => ({
  kind: 'mistyped',
  reason: 'not-a-pin',
  message: 'a PIN is ten digits',
  hint: 'type it again as it is in the mail, or ask the helpdesk to read it once more',
})

export const notAUser = (): Refusal => ({
  kind: 'usage',
  reason: 'bad-name',
  message: 'this is no user name',
  hint: 'give the name that this device was enrolled for: keydesk-device status',
})

export const noPinWay = (): Refusal => ({
  kind: 'refused',
  reason: 'no-pin-way',
  message: 'this device was enrolled without a PIN way',
  hint: CALL,
})

export const closedByPins = (): Refusal => ({
  kind: 'refused',
  reason: 'pin-closed',
  message: 'five PINs were wrong: the PIN way is closed until a full reset exchange',
  hint: CALL,
})

export const clockBack = (): Refusal => ({
  kind: 'refused',
  reason: 'clock-back',
  message: 'the clock of this device was set back by more than five minutes: it takes no PIN',
  hint: `set the clock; if it was wrong before, ${CALL}`,
})

export const expiredPin = (): Refusal => ({
  kind: 'rejected',
  reason: 'pin-expired',
  message: 'the PIN has expired, or its first four digits or the clock of this device are wrong',
  hint: 'look at the PIN and the clock, then ask the helpdesk for another PIN',
})

export const wrongPin = (left: number): Refusal => ({
  kind: 'rejected',
  reason: 'pin-wrong',
  message: `the user name or the PIN is wrong${left > 0 ? '' : '; the PIN way is now closed'}`,
  hint: left > 0 ? `type both again; ${left === 1 ? 'one more try is' : `${left} more tries are`} heard` : CALL,
  details: { triesLeft: left },
})

export const usedPin = (): Refusal => ({
  kind: 'rejected',
  reason: 'pin-used',
  message: 'this PIN was used already',
  hint: 'ask the helpdesk for another PIN',
})

export const replacedPin = (): Refusal => ({
  kind: 'rejected',
  reason: 'pin-replaced',
  message: 'a newer PIN was used since: this one is good no more',
  hint: 'ask the helpdesk for another PIN',
})
