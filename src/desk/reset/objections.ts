/**
 * The checks that follow once a reset code is known to be genuine. First the caller must be verified as policy demands.
 * Then the epoch must be new, or the last one again under the rules for repeats, but never an older one.
 */

import type { Change, Circumstances } from '../decision.ts'
import { refuseUnproven } from '../pin/proof.ts'
import type { Device } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import type { VerificationMethod } from '../records/verification.ts'
import type { CallerProof, CallerStatus } from './caller.ts'
import type { Examined, Refused } from './examine.ts'
import * as refusals from './refusals.ts'

/** The caller's status, how the operator verified them, and an admin's reason to go on without that. */
type Caller = {
  readonly caller: CallerStatus
  readonly verifiedBy: VerificationMethod | null
  readonly reason: string | null
}

/** Returns the first refusal of a genuine code, because of the caller or then of the epoch; null if there is none. */
export function findObjection(
  { device, epoch }: Examined,
  { caller, verifiedBy, reason }: Caller,
  policy: Policy,
  circumstances: Circumstances,
  proof: CallerProof,
): Refused | null {
  const { now, operator } = circumstances
  const unproven = verifiedBy === 'pin' ? refuseUnproven(device, now) : null
  if (unproven !== null) return { refusal: unproven, changes: [] }
  if (proof.refusal !== null) return { refusal: proof.refusal, changes: [] }
  if (caller === 'lacking') return { refusal: refusals.callerUnverified(policy, operator), changes: [] }
  if (isOld(device, epoch)) return { refusal: refusals.oldEpoch(device, epoch), changes: [alarm(device, now)] }
  if (standingOf(device, epoch) === 'new' || mayRepeat(device, policy, circumstances, reason)) return null
  return { refusal: refusals.repeatForbidden(device, operator.role === 'admin'), changes: [] }
}

export const isOld = ({ lastConfirmed }: Device, epoch: number): boolean =>
  lastConfirmed !== null && epoch < lastConfirmed.epoch
export const standingOf = ({ lastConfirmed }: Device, epoch: number): 'new' | 'repeat' =>
  lastConfirmed?.epoch === epoch ? 'repeat' : 'new'

/** The same operator may repeat it for a while, because calls drop. After that only an admin who gives a reason may. */
function mayRepeat(device: Device, policy: Policy, { now, operator }: Circumstances, reason: string | null): boolean {
  const { at, operator: confirmedBy } = device.lastConfirmed as NonNullable<Device['lastConfirmed']>
  const elapsed = now - at
  const soon = elapsed >= 0 && elapsed <= policy.repeatSeconds * 1000
  return (soon && confirmedBy === operator.operatorId) || (operator.role === 'admin' && reason !== null)
}

/** A code of an old epoch comes from a copied or a restored device. */
export function alarm(device: Device, now: number): Change {
  return { put: 'device', record: { ...device, alarmAt: now } }
}
