/** The ways in which an operator can verify a caller. Knowing a birthday is none of them. */
export const VERIFICATION_METHODS = ['totp', 'pin', 'callback', 'manager', 'in-person'] as const
export type VerificationMethod = (typeof VERIFICATION_METHODS)[number]
