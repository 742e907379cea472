/**
 * Decisions on the one-time PIN at the desk (specification §8): issue, redeem, revoke.
 * - A PIN is issued only if every prerequisite holds.
 * - The desk redeems a PIN only if the desk is its audience.
 * - Each device and audience has one valid PIN at a time. The commit that issues a newer one replaces the older.
 */
import type { DeviceSecret } from '../../crypto/keys.ts'
import { derivePin, minuteOf, type PinAudience, WRONG_PINS } from '../../crypto/pin.ts'
import type { Refusal } from '../../errors.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from '../decision.ts'
import {
  type Device,
  deviceSubject,
  type IssuedPin,
  type PinDelivery,
  type PinState,
  type User,
  userSubject,
} from '../records/index.ts'
import { policyFor } from '../records/inherited-policy.ts'
import type { Policy } from '../records/policy.ts'
import { refuseRole } from '../records/roles.ts'
import { judgePin } from './check.ts'
import { listPrerequisites } from './prerequisites.ts'
import * as refusals from './refusals.ts'
import {
  isClockBack,
  listOutstanding,
  type Outstanding,
  type PinCircumstances,
  pinKeyOf,
  pinRequestOf,
  settleState,
  withPin,
} from './state.ts'

export type IssueRequest = {
  readonly audience: PinAudience
  /** Null means as long as policy allows. */
  readonly ttlMinutes: number | null
  readonly delivered: PinDelivery
}
export type PinOwner = { readonly user: User; readonly device: Device; readonly secret: DeviceSecret }
export type IssueAnswer = {
  /** Ten digits. */
  readonly pin: string
  readonly device: Device
  readonly issued: IssuedPin
  /** True if the PIN was issued before in this minute, and is shown again. */
  readonly repeated: boolean
}
export type RedeemAnswer = { readonly device: Device; readonly at: number; readonly delivered: PinDelivery }

/** Issues a PIN that its checker will accept. If prerequisites are missing, the refusal lists all of them. */
export function decideIssue(
  owner: PinOwner,
  request: IssueRequest,
  organisation: Policy,
  circumstances: PinCircumstances,
): Decision<IssueAnswer> {
  const { device, secret } = owner
  const { audience, delivered } = request
  const ttlMinutes = request.ttlMinutes ?? longestOf(organisation, device)
  const details = { for: audience, delivered, ttlMinutes }
  const entry = { action: 'pin.issue', subject: deviceSubject(device), details }
  const notTheirs = refuseRole('pin.issue', circumstances.operator)
  if (notTheirs !== null) return refuse(entry, notTheirs)
  const state = settleState(device.pins[audience], circumstances)
  const forbidden = forbidIssue(owner, { ...request, ttlMinutes }, organisation, state, circumstances)
  if (forbidden !== null) return refuse(entry, forbidden)
  const { now, operator } = circumstances
  const minute = minuteOf(now)
  const again = findAgain(state, minute, delivered)
  const first = { minute, ttlMinutes, delivered, issuedAt: now, issuedBy: operator.operatorId, ended: null }
  const issued: IssuedPin = again === null ? first : { ...again, ttlMinutes }
  const record = withPin(device, audience, { ...state, issued })
  const pin = derivePin(pinKeyOf(device, secret), pinRequestOf(device, audience, minute))
  return allow(entry, [{ put: 'device', record }], { pin, device: record, issued, repeated: again !== null })
}

const longestOf = (organisation: Policy, device: Device): number => policyFor(organisation, device)['pin.ttlHours'] * 60

/**
 * Returns the PIN of this minute if it may be shown again: only by the same delivery. Otherwise a PIN that was mailed
 * could be read out a moment later.
 */
function findAgain({ issued }: PinState, minute: number, delivered: PinDelivery): IssuedPin | null {
  return issued?.minute === minute && issued.ended === null && issued.delivered === delivered ? issued : null
}

/** Returns the refusal if no PIN may be issued now, else null. */
function forbidIssue(
  { user, device }: PinOwner,
  { audience, ttlMinutes, delivered }: IssueRequest & { readonly ttlMinutes: number },
  organisation: Policy,
  state: PinState,
  { now }: PinCircumstances,
): Refusal | null {
  const prerequisites = listPrerequisites(user, device, audience, organisation)
  if (prerequisites.some(({ met }) => !met)) return refusals.prerequisitesMissing(device, prerequisites)
  const longest = longestOf(organisation, device)
  if (ttlMinutes > longest) return refusals.ttlTooLong(longest)
  const minute = minuteOf(now)
  if (isClockBack(state, minute)) return refusals.clockBack()
  if (audience === 'desk' && state.wrong >= WRONG_PINS) return refusals.closed(device)
  if (findAgain(state, minute, delivered) !== null) return null
  const last = state.issued?.minute ?? -1
  return last >= minute ? refusals.oneAMinute(last, now) : null
}

/** Checks a PIN that a caller reads out to the desk. The commit that accepts the PIN marks it as used. */
export function decideRedeem(
  device: Device,
  secret: DeviceSecret,
  pin: string,
  organisation: Policy,
  circumstances: PinCircumstances,
): Decision<RedeemAnswer> {
  const { now } = circumstances
  const entry = { action: 'pin.redeem', subject: deviceSubject(device), details: {} }
  const forbidden = refuseRole('pin.redeem', circumstances.operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (device.state === 'blocked' || device.state === 'retired') return refuse(entry, refusals.deviceClosed(device))
  const state = settleState(device.pins.desk, circumstances)
  const heard = { pinKey: pinKeyOf(device, secret), request: pinRequestOf(device, 'desk', 0), pin }
  const window = { nowMinute: minuteOf(now), longestMinutes: longestOf(organisation, device) }
  const verdict = judgePin(state, heard, window)
  if (verdict.ok) {
    const { delivered } = verdict.issued
    const record = withPin(device, 'desk', useUp(state, verdict.issued, now))
    const answer = { device: record, at: now, delivered }
    return allow({ ...entry, details: { delivered } }, [{ put: 'device', record }], answer)
  }
  if (verdict.why === 'clock-back') return refuse(entry, refusals.clockBack())
  const next = verdict.why === 'wrong' ? { ...state, wrong: state.wrong + 1 } : state
  const left = WRONG_PINS - next.wrong
  const refusal = verdict.why === 'wrong' ? refusals.wrong(device, left) : refusals.notGood(verdict.why, device)
  return refuse(entry, refusal, [{ put: 'device', record: withPin(device, 'desk', next) }])
}

function useUp(state: PinState, issued: IssuedPin, now: number): PinState {
  const { minute, delivered } = issued
  const redeemed = { at: now, delivered }
  return { ...state, issued: { ...issued, ended: 'used' }, lastUsedMinute: minute, wrong: 0, redeemed }
}

/**
 * Revokes all outstanding PINs of a user. A device that checks its PIN itself cannot be told. So the command says until
 * when the device would accept it.
 */
export function decideRevoke(
  user: User,
  devices: readonly Device[],
  { now, operator }: Circumstances,
): Decision<Outstanding[]> {
  const found = devices.flatMap((device) => listOutstanding(device, now))
  const entry = { action: 'pin.revoke', subject: userSubject(user), details: { revoked: found.length } }
  const forbidden = refuseRole('pin.revoke', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (found.length === 0) return refuse(entry, refusals.nothingOutstanding(user))
  const touched = devices.filter((device) => listOutstanding(device, now).length > 0)
  const changes = touched.map((device): Change => ({ put: 'device', record: revokeAll(device, now) }))
  return allow(entry, changes, found)
}

function revokeAll(device: Device, now: number): Device {
  const revoke = (next: Device, { audience, issued }: Outstanding) =>
    withPin(next, audience, { ...next.pins[audience], issued: { ...issued, ended: 'revoked' } })
  return listOutstanding(device, now).reduce(revoke, device)
}
