/**
 * What a code that is genuine comes up against: the caller, who must be verified as policy demands, and then the epoch, which is new, the
 * last one once more, or behind us.
 */

import type { Change, Circumstances } from '../decision.ts'
import { refuseUnproven } from '../pin/proof.ts'
import type { Device } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import type { VerificationMethod } from '../records/verification.ts'
import type { CallerProof, CallerStatus } from './caller.ts'
import type { Examined, Refused } from './examine.ts'
import * as refusals from './refusals.ts'

/** How the caller stands, what was said of them, and why an admin goes on all the same. */
type Caller = {
  readonly caller: CallerStatus
  readonly verifiedBy: VerificationMethod | null
  readonly reason: string | null
}

/** What stands in the way once the code is known to be genuine: the caller, then the epoch. */
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

/** The same operator for a while, because calls drop; after that an admin who says why. */
function mayRepeat(device: Device, policy: Policy, { now, operator }: Circumstances, reason: string | null): boolean {
  const { at, operator: confirmedBy } = device.lastConfirmed as NonNullable<Device['lastConfirmed']>
  const elapsed = now - at
  const soon = elapsed >= 0 && elapsed <= policy.repeatSeconds * 1000
  return (soon && confirmedBy === operator.operatorId) || (operator.role === 'admin' && reason !== null)
}

/** A code of an epoch behind us comes from a copied or a restored device. */
export function alarm(device: Device, now: number): Change {
  return { put: 'device', record: { ...device, alarmAt: now } }
}
