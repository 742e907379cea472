/**
 * Whether the caller is who they say, as far as the desk can know: by a code of their app in this very commit, by one of the last ten
 * minutes, or as the operator says they made sure. What a code changes is kept with it, for the commit that it serves.
 */
import type { Refusal } from '../../errors.ts'
import type { Change } from '../decision.ts'
import type { Operator, TotpAccount } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import type { VerificationMethod } from '../records/verification.ts'
import type { Verdict } from '../totp/codes.ts'
import * as refusals from '../totp/refusals.ts'

const RECENT_MS = 10 * 60_000

/** What the caller's own code, or the lack of one, means for what they ask. */
export type CallerProof = {
  readonly refusal: Refusal | null
  readonly changes: readonly Change[]
  readonly stepsOff: number | null
}

/** Nothing of the caller's own was asked for. */
export const NO_PROOF: CallerProof = { refusal: null, changes: [], stepsOff: null }

/** A code that was read out for this very purpose. */
export function proofByCode(verdict: Verdict): CallerProof {
  if (!verdict.ok) return { refusal: verdict.refusal, changes: verdict.changes, stepsOff: null }
  return { refusal: null, changes: [{ put: 'totp', record: verdict.account }], stepsOff: verdict.stepsOff }
}

export const refusedProof = (refusal: Refusal): CallerProof => ({ ...NO_PROOF, refusal })

/** A code that was verified a while ago; a clock that was set back makes nothing recent. */
export function proofByTime(account: TotpAccount | null, user: string, now: number): CallerProof {
  const { state = 'none', verifiedAt = null } = account ?? {}
  const elapsed = verifiedAt === null ? -1 : now - verifiedAt
  const isRecent = state === 'active' && elapsed >= 0 && elapsed <= RECENT_MS
  return isRecent ? NO_PROOF : refusedProof(refusals.notVerified(user))
}

/** `lacking`: policy demands a method that counts, and there is none. */
export type CallerStatus = 'verified' | 'unverified' | 'overridden' | 'lacking'

/** How the caller stands before policy. An admin who says why goes ahead without; that is on record as what it is. */
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
