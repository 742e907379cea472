/**
 * Refusals for PINs that are not issued or not accepted, with the operator's next step. One function a reason. None
 * holds a digit of a PIN.
 */
import type { Refusal } from '../../errors.ts'
import type { Device, User } from '../records/index.ts'
import type { PinRefused } from './check.ts'
import type { Prerequisite } from './prerequisites.ts'

const named = ({ name, user }: Device): string => `${name} of ${user}`

export function prerequisitesMissing(device: Device, prerequisites: readonly Prerequisite[]): Refusal {
  const missing = prerequisites.filter(({ met }) => !met)
  const names = missing.map(({ name }) => name).join(', ')
  // If the user must prove themselves with their password, no other missing prerequisite matters.
  const first = missing.find(({ name }) => name === 'registered-by-pin') ?? missing[0]
  return {
    kind: 'refused',
    reason: 'prerequisites',
    message: `no PIN for ${named(device)}: ${missing.length} of ${prerequisites.length} prerequisites missing: ${names}`,
    hint: first?.hint ?? '',
    details: { prerequisites },
  }
}

export const ttlTooLong = (longestMinutes: number): Refusal => ({
  kind: 'refused',
  reason: 'ttl-too-long',
  message: `policy allows a PIN ${longestMinutes / 60} h at most`,
  hint: `leave out --ttl, or give at most --ttl ${longestMinutes / 60}h`,
})

export const clockBack = (): Refusal => ({
  kind: 'refused',
  reason: 'clock-back',
  message: 'the clock of this machine runs more than five minutes behind the newest entry of the record',
  hint: 'set the clock, and repeat the command',
})

export const oneAMinute = (minute: number, now: number): Refusal => ({
  kind: 'refused',
  reason: 'one-a-minute',
  message: 'there was a PIN in this minute already, and another would have the same digits',
  hint: `repeat the command in ${Math.ceil(((minute + 1) * 60_000 - now) / 1000)} s`,
  details: { waitSeconds: Math.ceil(((minute + 1) * 60_000 - now) / 1000) },
})

export const closed = (device: Device): Refusal => ({
  kind: 'refused',
  reason: 'pin-closed',
  message: `five wrong PINs were read out for ${named(device)}: its PIN way is closed`,
  hint: 'a confirmed reset opens it again; until then, make sure of the caller by --verified-by callback',
})

export const deviceClosed = (device: Device): Refusal => ({
  kind: 'refused',
  reason: `device-${device.state}`,
  message: `${named(device)} is ${device.state}${device.blockedFor === null ? '' : `: ${device.blockedFor}`}`,
  hint: `see what is on record: keydesk device show ${device.deviceId}`,
})

export const wrong = (device: Device, left: number): Refusal => ({
  kind: 'rejected',
  reason: 'pin-wrong',
  message: `this is not the PIN for ${named(device)}${left > 0 ? '' : '; its PIN way is now closed'}`,
  hint:
    left > 0
      ? `ask the caller to read it again, five digits at a time; ${left === 1 ? 'one more try is' : `${left} more tries are`} heard`
      : 'a confirmed reset opens it again; until then, make sure of the caller by --verified-by callback',
  details: { triesLeft: left },
})

const NOT_GOOD: Readonly<Record<Exclude<PinRefused, 'closed'>, readonly [reason: string, message: string]>> = {
  'not-issued': ['pin-not-issued', 'no PIN that the desk would take was issued'],
  expired: ['pin-expired', 'the PIN has expired, or its first four digits were misheard'],
  used: ['pin-used', 'the PIN was used already'],
  replaced: ['pin-replaced', 'the PIN was replaced by a newer one'],
  revoked: ['pin-revoked', 'the PIN was revoked'],
}

export function notGood(why: PinRefused, device: Device): Refusal {
  if (why === 'closed') return closed(device)
  const [reason, message] = NOT_GOOD[why]
  const another = 'mail another one: keydesk pin issue USER --for desk --email FILE.eml'
  const first = { replaced: 'ask the caller for the newest mail', expired: `have it read once more; then ${another}` }
  const hint = why === 'replaced' || why === 'expired' ? first[why] : another
  return { kind: 'rejected', reason, message: `${message} (${named(device)})`, hint }
}

export const nothingOutstanding = ({ name }: User): Refusal => ({
  kind: 'notfound',
  reason: 'no-pin',
  message: `no PIN of ${name} is outstanding`,
  hint: 'keydesk pin list',
})

/** The operator gave `--verified-by pin` at a reset, but no PIN proves the caller. */
export const notProven = (device: Device, readOut: boolean): Refusal => ({
  kind: 'refused',
  reason: 'pin-not-proven',
  message: readOut
    ? 'the PIN was read out on the call, and proves nothing about the caller'
    : `no PIN for ${named(device)} was redeemed in the last ten minutes`,
  hint: 'mail one and have it read back: keydesk pin issue USER --for desk --email FILE.eml, then keydesk pin redeem USER PIN',
})
