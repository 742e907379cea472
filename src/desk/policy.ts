/** What the organisation demands. These are the values in force until an admin sets others. */

export type Policy = {
  /** How soon after a confirmation the same operator may see the same code again: calls drop. */
  readonly repeatSeconds: number
  /** Codes with a wrong MAC that one device may have on one day; the last of them blocks it. */
  readonly wrongCodesPerDay: number
  /** Whether a caller must be verified: `warn` confirms and says so. */
  readonly callerVerification: 'off' | 'warn' | 'required'
}

export const DEFAULT_POLICY: Policy = { repeatSeconds: 600, wrongCodesPerDay: 10, callerVerification: 'warn' }

/** How an operator can have made sure of the caller. Knowing a birthday is none of them. */
export const VERIFICATION_METHODS = ['callback', 'manager', 'in-person'] as const
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number]
