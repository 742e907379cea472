/**
 * Decisions on a reset code (specification §6). The checks run in this order and no other: check symbols → tag known,
 * and the device that the operator named → device open for resets → MAC → caller verified as policy demands → epoch.
 * - Every refusal says which check failed, and what to tell the caller.
 * - Only `decideConfirm` returns a confirmation code: for a genuine code of a new epoch, or for an allowed repeat.
 */
import { decodeHex } from '../../crypto/bytes.ts'
import { deriveConfirmationCode, readResetCode } from '../../crypto/codes.ts'
import type { ConfirmationCode } from '../../crypto/spoken.ts'
import { formatTag } from '../../crypto/tag.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type Device, deviceSubject, type EntryContent } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import { refuseRole } from '../records/roles.ts'
import type { VerificationMethod } from '../records/verification.ts'
import { type CallerProof, NO_PROOF, statusOfCaller } from './caller.ts'
import { type CheckRequest, examine, type ResetState } from './examine.ts'
import { alarm, findObjection, isOld, standingOf } from './objections.ts'
import * as refusals from './refusals.ts'

export type { CheckRequest, ResetState } from './examine.ts'

export type ConfirmRequest = CheckRequest & {
  readonly verifiedBy: VerificationMethod | null
  readonly ticket: string | null
  /** Why an admin repeats a confirmation after its time, or confirms without a verified caller. */
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
  /** The caller is not verified, and policy wants the operator to be told so. */
  readonly warnUnverified: boolean
  /** By how many steps the caller's own code was off; null if there was none. */
  readonly stepsOff: number | null
}

/** Checks the code and returns the desk words. Confirms nothing. A wrong MAC counts as it does in `decideConfirm`. */
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
  if (isOld(device, epoch)) return refuse(entry, refusals.oldEpoch(device, epoch), [alarm(device, now)])
  const answer = { device, epoch, standing: standingOf(device, epoch), deskWords: examined.deskWords }
  return allow(entry, [], answer)
}

/**
 * Returns the confirmation code for a genuine code of a new epoch, or again for the last one under the rules for
 * repeats.
 * The caller's own code takes effect only if the reset code is genuine. It is then spent, or counted as wrong, whatever
 * is decided after it.
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
  const caller = statusOfCaller(policy, operator, verifiedBy, reason)
  const entry = describe('reset.confirm', state, request, { verifiedBy, ticket, reason })
  const forbidden = refuseRole('reset.confirm', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const examined = examine(state, request, policy, now)
  if ('refusal' in examined) return refuse(entry, examined.refusal, examined.changes)
  const { device, epoch, secret, deskWords } = examined
  const { stepsOff } = proof
  const told = { ...(stepsOff !== null && { stepsOff }), ...(caller === 'overridden' && { unverified: true }) }
  const looked = { ...entry, details: { ...entry.details, ...told } }
  const refused = findObjection(examined, { caller, verifiedBy, reason }, policy, circumstances, proof)
  if (refused !== null) return refuse(looked, refused.refusal, [...proof.changes, ...refused.changes])
  const standing = standingOf(device, epoch)
  const confirmationCode = deriveConfirmationCode(secret, { id: decodeHex(device.deviceId), tag: device.tag, epoch })
  const warnUnverified = caller !== 'verified' && policy.callerVerification === 'warn'
  const answer = { device, epoch, standing, deskWords, confirmationCode, warnUnverified, stepsOff }
  const details = { ...looked.details, epoch, repeated: standing === 'repeat' }
  const changes = standing === 'repeat' ? [] : [confirmed(device, epoch, circumstances)]
  return allow({ ...looked, details }, [...proof.changes, ...changes], answer)
}

function confirmed(device: Device, epoch: number, { now, operator }: Circumstances): Change {
  const lastConfirmed = { epoch, at: now, operator: operator.operatorId }
  // A full exchange opens the PIN way again after five wrong PINs closed it (§8).
  const pins = { ...device.pins, desk: { ...device.pins.desk, wrong: 0 } }
  return { put: 'device', record: { ...device, state: 'active', lastConfirmed, pins } }
}

/** The part of the audit entry that is the same for every outcome. It does not hold the code. */
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
