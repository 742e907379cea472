/**
 * The one-time PIN at the desk (specification §8): issued only when every prerequisite holds, checked here when the desk is its audience,
 * taken back. No digits are kept: a device's state says which minute was issued, and its secret gives the digits. One PIN is good
 * at a time for a device and audience; the newer replaces the older in the commit that issues it.
 */
import { decodeHex } from '../crypto/bytes.ts'
import { type DeviceSecret, deriveSubkey } from '../crypto/keys.ts'
import { derivePin, minuteOf, PIN_SKEW_MINUTES, type PinAudience, type PinRequest, WRONG_PINS } from '../crypto/pin.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from './decision.ts'
import { judgePin } from './pin-check.ts'
import * as no from './pin-refusals.ts'
import { type Policy, policyFor } from './policy.ts'
import { listPrerequisites } from './prerequisites.ts'
import { type Device, deviceSubject, type IssuedPin, type PinDelivery, type PinState, type User } from './records.ts'

/** Beside the clock: when the newest entry of the record was made, which is the highest time that the desk is sure of. */
export type PinCircumstances = Circumstances & { readonly newestAt: number }
export type IssueRequest = {
  readonly audience: PinAudience
  /** Null for as long as policy allows. */
  readonly ttlMinutes: number | null
  readonly delivered: PinDelivery
}
export type PinOwner = { readonly user: User; readonly device: Device; readonly secret: DeviceSecret }
export type IssueAnswer = {
  /** Ten digits. */
  readonly pin: string
  readonly device: Device
  readonly issued: IssuedPin
  /** It was issued before in this minute, and is shown again. */
  readonly repeated: boolean
}
export type RedeemAnswer = { readonly device: Device; readonly at: number; readonly delivered: PinDelivery }

/** A PIN that its checker will take, or every reason why there is none. */
export function decideIssue(
  { user, device, secret }: PinOwner,
  { audience, ttlMinutes, delivered }: IssueRequest,
  organisation: Policy,
  circumstances: PinCircumstances,
): Decision<IssueAnswer> {
  const { now, operator } = circumstances
  const longest = policyFor(organisation, device)['pin.ttlHours'] * 60
  const ttl = ttlMinutes ?? longest
  const entry = {
    action: 'pin.issue',
    subject: deviceSubject(device),
    details: { for: audience, delivered, ttlMinutes: ttl },
  }
  const missing = listPrerequisites(user, device, audience, organisation)
  if (missing.some(({ met }) => !met)) return refuse(entry, no.prerequisitesMissing(device, missing))
  if (ttl > longest) return refuse(entry, no.ttlTooLong(longest))
  const state = settle(device.pins[audience], circumstances)
  if (isClockBack(state, now)) return refuse(entry, no.clockBack())
  if (audience === 'desk' && state.wrong >= WRONG_PINS) return refuse(entry, no.closed(device))
  const minute = minuteOf(now)
  const { issued: last } = state
  const repeated = last?.minute === minute && last.ended === null && last.delivered === delivered
  if (!repeated && last !== null && last.minute >= minute) return refuse(entry, no.oneAMinute(last.minute, now))
  const first = { minute, ttlMinutes: ttl, delivered, issuedAt: now, issuedBy: operator.operatorId, ended: null }
  const issued = repeated ? { ...last, ttlMinutes: ttl } : first
  const record = withPin(device, audience, { ...state, issued })
  const pin = derivePin(pinKeyOf(device, secret), requestOf(device, audience, minute))
  return allow(entry, [{ put: 'device', record }], { pin, device: record, issued, repeated })
}

/** A PIN that a caller reads out to the desk. In the one commit that accepts it, it is used. */
export function decideRedeem(
  device: Device,
  secret: DeviceSecret,
  pin: string,
  organisation: Policy,
  circumstances: PinCircumstances,
): Decision<RedeemAnswer> {
  const { now } = circumstances
  const entry = { action: 'pin.redeem', subject: deviceSubject(device), details: {} }
  const state = settle(device.pins.desk, circumstances)
  const seen = (next: PinState): Change[] => [{ put: 'device', record: withPin(device, 'desk', next) }]
  if (device.state === 'blocked' || device.state === 'retired') return refuse(entry, no.deviceClosed(device))
  const verdict = judgePin(
    state,
    { pinKey: pinKeyOf(device, secret), request: requestOf(device, 'desk', 0), pin },
    { nowMinute: minuteOf(now), longestMinutes: policyFor(organisation, device)['pin.ttlHours'] * 60 },
  )
  if (verdict === 'clock-back') return refuse(entry, no.clockBack())
  if (verdict === 'wrong') {
    const counted = { ...state, wrong: state.wrong + 1 }
    return refuse(entry, no.wrong(device, WRONG_PINS - counted.wrong), seen(counted))
  }
  if (verdict !== 'right') return refuse(entry, no.notGood(verdict, device), seen(state))
  const issued = state.issued as IssuedPin
  const { minute, delivered } = issued
  const used: PinState = {
    ...state,
    issued: { ...issued, ended: 'used' },
    lastUsedMinute: minute,
    wrong: 0,
    redeemed: { at: now, delivered },
  }
  const record = withPin(device, 'desk', used)
  const details = { delivered }
  return allow({ ...entry, details }, [{ put: 'device', record }], { device: record, at: now, delivered })
}

/** Takes back what is outstanding. A device that checks its PIN itself cannot be told: the answer says until when it would take it. */
export function decideRevoke(user: User, devices: readonly Device[], { now }: Circumstances): Decision<Outstanding[]> {
  const found = devices.flatMap((device) => listOutstanding(device, now))
  const entry = {
    action: 'pin.revoke',
    subject: { kind: 'user', id: user.userId, name: user.name, user: user.name } as const,
    details: { revoked: found.length },
  }
  if (found.length === 0) return refuse(entry, no.nothingOutstanding(user))
  const touched = devices.filter((device) => listOutstanding(device, now).length > 0)
  const changes = touched.map((device): Change => ({ put: 'device', record: revokeAll(device, now) }))
  return allow(entry, changes, found)
}

export type Outstanding = { readonly device: Device; readonly audience: PinAudience; readonly issued: IssuedPin }

/** The PINs of a device that somebody could still use, as far as the desk can know. */
export function listOutstanding(device: Device, now: number): Outstanding[] {
  return AUDIENCES.flatMap((audience) => {
    const { issued } = device.pins[audience]
    const isOut = issued !== null && issued.ended === null && now < expiresAt(issued)
    return isOut ? [{ device, audience, issued }] : []
  })
}

const AUDIENCES = ['device', 'desk'] as const

/** Until when it is promised to be good: its checker counts in whole minutes, and may take it for up to 59 seconds more. */
export const expiresAt = ({ minute, ttlMinutes }: IssuedPin): number => (minute + ttlMinutes) * 60_000

function revokeAll(device: Device, now: number): Device {
  const revoke = (next: Device, { audience, issued }: Outstanding) =>
    withPin(next, audience, { ...next.pins[audience], issued: { ...issued, ended: 'revoked' } })
  return listOutstanding(device, now).reduce(revoke, device)
}

/** The highest time that is known, with this moment in it. */
function settle(state: PinState, { now, newestAt }: PinCircumstances): PinState {
  return { ...state, latestAt: Math.max(state.latestAt, newestAt, now) }
}

const isClockBack = ({ latestAt }: PinState, now: number): boolean =>
  minuteOf(now) < minuteOf(latestAt) - PIN_SKEW_MINUTES

const withPin = (device: Device, audience: PinAudience, state: PinState): Device => ({
  ...device,
  pins: { ...device.pins, [audience]: state },
})

const idOf = ({ deviceId }: Device): Uint8Array => decodeHex(deviceId) as Uint8Array
const pinKeyOf = (device: Device, secret: DeviceSecret): Uint8Array => deriveSubkey(secret, idOf(device), 'pin')
const requestOf = (device: Device, audience: PinAudience, minute: number): PinRequest => ({
  id: idOf(device),
  audience,
  minute,
  user: device.user,
})
