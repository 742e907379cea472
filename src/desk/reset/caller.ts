/**
 * Whether the caller is verified, as far as the desk can know. There are three proofs:
 * - a code of the caller's app, checked in this very commit
 * - such a code that was verified in the last ten minutes
 * - the operator's word that they verified the caller
 * The proof holds the changes that a code causes, so that the commit can write them.
 */
import type { Refusal } from '../../errors.ts'
import type { Change } from '../decision.ts'
import type { Operator, TotpAccount } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import type { VerificationMethod } from '../records/verification.ts'
import type { Verdict } from '../totp/codes.ts'
import * as refusals from '../totp/refusals.ts'

const RECENT_MS = 10 * 60_000

/** The result of checking the caller's own code. `stepsOff` is null if no code was checked. */
export type CallerProof = {
  readonly refusal: Refusal | null
  readonly changes: readonly Change[]
  readonly stepsOff: number | null
}

/** No code of the caller's own was asked for. */
export const NO_PROOF: CallerProof = { refusal: null, changes: [], stepsOff: null }

/** Proof by a code that was read out for this request. */
export function proofByCode(verdict: Verdict): CallerProof {
  if (!verdict.ok) return { refusal: verdict.refusal, changes: verdict.changes, stepsOff: null }
  return { refusal: null, changes: [{ put: 'totp', record: verdict.account }], stepsOff: verdict.stepsOff }
}

export const refusedProof = (refusal: Refusal): CallerProof => ({ ...NO_PROOF, refusal })

/** Proof by a code that was verified a while ago. If the clock was set back, no code counts as recent. */
export function proofByTime(account: TotpAccount | null, user: string, now: number): CallerProof {
  const { state = 'none', verifiedAt = null } = account ?? {}
  const elapsed = verifiedAt === null ? -1 : now - verifiedAt
  const isRecent = state === 'active' && elapsed >= 0 && elapsed <= RECENT_MS
  return isRecent ? NO_PROOF : refusedProof(refusals.notVerified(user))
}

/** `lacking`: policy demands a method that counts, and there is none. */
export type CallerStatus = 'verified' | 'unverified' | 'overridden' | 'lacking'

/**
 * Returns the caller's status under policy. An admin who gives a reason may do without verification; the audit entry
 * then says `unverified`.
 */
export function statusOfCaller(
  policy: Policy,
  { role }: Operator,
  verifiedBy: VerificationMethod | null,
  reason: string | null,
): CallerStatus {
  if (verifiedBy !== null && policy.verificationMethods.includes(verifiedBy)) return 'verified'
  if (policy.callerVerification !== 'required') return 'unverified'
  return role === 'admin' && reason !== null ? 'overridden' : 'lacking'
}
