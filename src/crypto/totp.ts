/**
 * TOTP (specification §9): RFC 6238 with SHA-1, 6 digits and steps of 30 seconds, and the Key URI that authenticator
 * apps read.
 * - otplib computes a code and writes the URI. Our own code finds the step of a code and decides whether that step may
 *   still be used.
 * - We do not use otplib's `verify`: it returns the earliest step that fits, and we need the nearest.
 * - We do not use otplib's clock: each call names its time.
 */
import { generateSync, generateURI, ScureBase32Plugin } from 'otplib'
import { encodeText, equalBytes, requireLength } from './bytes.ts'

const TOTP_SECRET_BYTES = 20
const STEP_SECONDS = 30
const STEP_MS = STEP_SECONDS * 1000
/** 62 minutes: a clock that was set by hand to another time zone is off by an hour and a little more. */
const FAR_STEPS = 124

const base32 = new ScureBase32Plugin()

/** floor(unix seconds ÷ 30). `now` is in milliseconds since 1970. */
export const stepAt = (now: number): number => Math.floor(now / STEP_MS)

/** The code of one step: HOTP(secret, step), RFC 4226 §5.3. */
export function deriveTotp(secret: Uint8Array, step: number): string {
  requireLength(secret, TOTP_SECRET_BYTES, 'TOTP secret')
  return generateSync({ secret, epoch: step * STEP_SECONDS, period: STEP_SECONDS, digits: 6, algorithm: 'sha1' })
}

/** Whether `code` is the code of that step. Compares in constant time. False for a step before 1970. */
export function isTotpOf(secret: Uint8Array, step: number, code: string): boolean {
  return step >= 0 && equalBytes(encodeText(deriveTotp(secret, step)), encodeText(code))
}

/**
 * The step nearest to `around` that passes. Of two equally near, the earlier one: a code is read out after the app
 * showed it. Null when no step within 62 minutes passes.
 */
export function findStep(around: number, passes: (step: number) => boolean): number | null {
  for (let distance = 0; distance <= FAR_STEPS; distance++) {
    const found = [around - distance, around + distance].find(passes)
    if (found !== undefined) return found
  }
  return null
}

/** Base32 (RFC 4648 §6) without padding, as apps show it and people type it. */
export function encodeBase32(secret: Uint8Array): string {
  return base32.encode(secret, { padding: false })
}

/**
 * otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=ISSUER, percent-encoded as UTF-8.
 * - A space is written as %20, because some apps show a + as it is.
 * - The colon separates issuer and account. Apps split at the first colon even where it is encoded, so a colon in a
 *   name becomes a space.
 */
export function encodeKeyUri(secret: Uint8Array, issuer: string, account: string): string {
  requireLength(secret, TOTP_SECRET_BYTES, 'TOTP secret')
  const [safeIssuer, label] = [issuer, account].map((name) => name.replace(/\s*:\s*/g, ' ').trim()) as [string, string]
  return generateURI({ issuer: safeIssuer, label, secret: encodeBase32(secret) })
}
