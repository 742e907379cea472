/**
 * Accepting a reset code (specification §6), in this order and no other: check symbols → tag known, and the device that the
 * operator named → device open for resets → MAC → caller verified as policy demands → epoch. Every "no" says which step it
 * was and what to say to the caller. Only `decideConfirm` hands out a confirmation code, and only for a genuine new epoch.
 */

import { decodeHex } from '../crypto/bytes.ts'
import { deriveConfirmationCode, deriveDeskWords, isGenuine, readResetCode } from '../crypto/codes.ts'
import type { DeviceSecret } from '../crypto/keys.ts'
import {
  type ConfirmationCode,
  type Correction,
  numberToSymbols,
  type ResetCode,
  writeSymbols,
} from '../crypto/spoken.ts'
import type { Refusal } from '../errors.ts'
import { type CallerProof, NO_PROOF, type Standing, standingOfCaller } from './caller.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from './decision.ts'
import { refuseUnproven } from './pin-proof.ts'
import type { Policy, VerificationMethod } from './policy.ts'
import { type Device, deviceSubject, type EntryContent } from './records.ts'
import * as no from './reset-refusals.ts'
import { refuseRole } from './roles.ts'

const DAY_MS = 86_400_000

/** What was heard: a code, and what was put right in it to get there. */
export type HeardCode = {
  readonly code: ResetCode
  readonly corrections: readonly Correction[]
  /** The operator has read the corrected code back, and the caller agreed. */
  readonly corrected: 'nothing' | 'unreadable' | 'proposed' | 'agreed'
}
/** What the store holds about the code: the device with its tag, and its secret. */
export type ResetState = { readonly device: Device; readonly secret: DeviceSecret } | null
export type CheckRequest = { readonly heard: HeardCode; readonly namedDeviceId: string | null }
export type ConfirmRequest = CheckRequest & {
  readonly verifiedBy: VerificationMethod | null
  readonly ticket: string | null
  /** Why an admin repeats a confirmation outside its time, or does without a verified caller. */
  readonly reason: string | null
}

export type CheckAnswer = {
  readonly device: Device
  readonly epoch: number
  /** `new` can be confirmed; `repeat` was confirmed already. */
  readonly standing: 'new' | 'repeat'
  readonly deskWords: readonly [string, string]
}
export type ConfirmAnswer = CheckAnswer & {
  readonly confirmationCode: ConfirmationCode
  /** Nobody made sure of the caller, and policy has the operator told so. */
  readonly warnUnverified: boolean
  /** By how many steps the caller's own code was off; null without one. */
  readonly stepsOff: number | null
}

export const formatTag = (tag: number): string => writeSymbols(numberToSymbols(tag, 5))

/** Says whether the code would do, and the desk words. Confirms nothing; a wrong MAC counts here as it does there. */
export function decideCheck(
  state: ResetState,
  request: CheckRequest,
  policy: Policy,
  { now, operator }: Circumstances,
): Decision<CheckAnswer> {
  const entry = describe('reset.check', state, request, {})
  const forbidden = refuseRole('reset.check', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const examined = examine(state, request, policy, now)
  if ('refusal' in examined) return refuse(entry, examined.refusal, examined.changes)
  const { device, epoch } = examined
  if (isOld(device, epoch)) return refuse(entry, no.oldEpoch(device, epoch), [alarm(device, now)])
  const answer = { device, epoch, standing: standingOf(device, epoch), deskWords: examined.deskWords }
  return allow(entry, [], answer)
}

/**
 * The confirmation code for a genuine code of a new epoch, or for the last one again under the rules for repeats. The caller's own code
 * is looked at once the reset code is known to be genuine, and is then spent, or counted, whatever is decided after it.
 */
export function decideConfirm(
  state: ResetState,
  request: ConfirmRequest,
  policy: Policy,
  circumstances: Circumstances,
  proof: CallerProof = NO_PROOF,
): Decision<ConfirmAnswer> {
  const { now, operator } = circumstances
  const { verifiedBy, ticket, reason } = request
  const caller = standingOfCaller(policy, operator, verifiedBy, reason)
  const entry = describe('reset.confirm', state, request, { verifiedBy, ticket, reason })
  const forbidden = refuseRole('reset.confirm', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const examined = examine(state, request, policy, now)
  if ('refusal' in examined) return refuse(entry, examined.refusal, examined.changes)
  const { device, epoch, secret, deskWords } = examined
  const { stepsOff } = proof
  const told = { ...(stepsOff !== null && { stepsOff }), ...(caller === 'overridden' && { unverified: true }) }
  const looked = { ...entry, details: { ...entry.details, ...told } }
  const refused = objectTo(examined, { caller, verifiedBy, reason }, policy, circumstances, proof)
  if (refused !== null) return refuse(looked, refused.refusal, [...proof.changes, ...refused.changes])
  const standing = standingOf(device, epoch)
  const confirmationCode = deriveConfirmationCode(secret, { id: idOf(device), tag: device.tag, epoch })
  const warnUnverified = caller !== 'verified' && policy.callerVerification === 'warn'
  const answer = { device, epoch, standing, deskWords, confirmationCode, warnUnverified, stepsOff }
  const details = { ...looked.details, epoch, repeated: standing === 'repeat' }
  const changes = standing === 'repeat' ? [] : [confirmed(device, epoch, circumstances)]
  return allow({ ...looked, details }, [...proof.changes, ...changes], answer)
}

/** What stands in the way once the code is known to be genuine: the caller, then the epoch. */
function objectTo(
  { device, epoch }: Examined,
  { caller, verifiedBy, reason }: Pick<ConfirmRequest, 'verifiedBy' | 'reason'> & { readonly caller: Standing },
  policy: Policy,
  circumstances: Circumstances,
  proof: CallerProof,
): Refused | null {
  const { now, operator } = circumstances
  const unproven = verifiedBy === 'pin' ? refuseUnproven(device, now) : null
  if (unproven !== null) return { refusal: unproven, changes: [] }
  if (proof.refusal !== null) return { refusal: proof.refusal, changes: [] }
  if (caller === 'lacking') return { refusal: no.callerUnverified(policy, operator), changes: [] }
  if (isOld(device, epoch)) return { refusal: no.oldEpoch(device, epoch), changes: [alarm(device, now)] }
  if (standingOf(device, epoch) === 'new' || mayRepeat(device, policy, circumstances, reason)) return null
  return { refusal: no.repeatForbidden(device, operator.role === 'admin'), changes: [] }
}

type Examined = { device: Device; secret: DeviceSecret; epoch: number; deskWords: [string, string] }
type Refused = { refusal: Refusal; changes: readonly Change[] }

/** The steps up to the MAC, which checking and confirming share. */
function examine(
  state: ResetState,
  { heard, namedDeviceId }: CheckRequest,
  policy: Policy,
  now: number,
): Examined | Refused {
  const { tag, epoch } = readResetCode(heard.code)
  if (state === null) {
    // A correction that leads to no device corrected the wrong symbol: the code was misheard, and that is all that is known.
    const refusal = heard.corrected === 'nothing' ? no.unknownTag(formatTag(tag)) : no.notCorrectable(heard, false)
    return { refusal, changes: [] }
  }
  const { device, secret } = state
  if (namedDeviceId !== null && namedDeviceId !== device.deviceId)
    return { refusal: no.otherDevice(device), changes: [] }
  if (device.state === 'blocked') return { refusal: no.blocked(device), changes: [] }
  if (device.state === 'retired') return { refusal: no.retired(device), changes: [] }
  if (!isGenuine(secret, idOf(device), heard.code)) return countWrongCode(device, heard, policy, now)
  if (heard.corrected === 'proposed') return { refusal: no.corrected(heard), changes: [] }
  return { device, secret, epoch, deskWords: deriveDeskWords(secret, { id: idOf(device), tag, epoch }) }
}

/**
 * A wrong MAC is counted against the device even when the code was a corrected one: otherwise a caller could guess for ever by
 * always misreading one symbol. A clock that was set back starts no new day.
 */
function countWrongCode(device: Device, heard: HeardCode, policy: Policy, now: number): Refused {
  const day = Math.max(Math.floor(now / DAY_MS), device.wrongCodes.day)
  const count = day === device.wrongCodes.day ? device.wrongCodes.count + 1 : 1
  const wrongCodes = { day, count }
  const full = count >= policy.wrongCodesPerDay
  const blockedFor = `${count} codes that were not genuine on one day`
  const record: Device = full ? { ...device, wrongCodes, state: 'blocked', blockedFor } : { ...device, wrongCodes }
  const refusal = heard.corrected === 'nothing' ? no.notGenuine(device, full) : no.notCorrectable(heard, full)
  return { refusal, changes: [{ put: 'device', record }] }
}

const idOf = (device: Device): Uint8Array => decodeHex(device.deviceId) as Uint8Array
const isOld = ({ lastConfirmed }: Device, epoch: number): boolean =>
  lastConfirmed !== null && epoch < lastConfirmed.epoch
const standingOf = ({ lastConfirmed }: Device, epoch: number): 'new' | 'repeat' =>
  lastConfirmed?.epoch === epoch ? 'repeat' : 'new'

/** The same operator for a while, because calls drop; after that an admin who says why. */
function mayRepeat(device: Device, policy: Policy, { now, operator }: Circumstances, reason: string | null): boolean {
  const { at, operator: confirmedBy } = device.lastConfirmed as NonNullable<Device['lastConfirmed']>
  const elapsed = now - at
  const soon = elapsed >= 0 && elapsed <= policy.repeatSeconds * 1000
  return (soon && confirmedBy === operator.operatorId) || (operator.role === 'admin' && reason !== null)
}

function confirmed(device: Device, epoch: number, { now, operator }: Circumstances): Change {
  const lastConfirmed = { epoch, at: now, operator: operator.operatorId }
  // A full exchange opens the PIN way again that five wrong ones closed (§8).
  const pins = { ...device.pins, desk: { ...device.pins.desk, wrong: 0 } }
  return { put: 'device', record: { ...device, state: 'active', lastConfirmed, pins } }
}

/** A code of an epoch behind us comes from a copied or a restored device. */
function alarm(device: Device, now: number): Change {
  return { put: 'device', record: { ...device, alarmAt: now } }
}

/** What goes on record whatever is decided. The code itself does not. */
function describe(
  action: string,
  state: ResetState,
  { heard }: CheckRequest,
  given: EntryContent['details'],
): Omit<EntryContent, 'outcome'> {
  const { tag, epoch } = readResetCode(heard.code)
  const details = { tag: formatTag(tag), epoch, corrected: heard.corrections.length > 0, ...given }
  return { action, subject: state === null ? null : deviceSubject(state.device), details }
}
