/**
 * Substitutes for a code of an operator's app: ten recovery codes of 50 bits, and the token of a trusted workstation.
 * The store keeps only a mark of each, an HMAC under the app's own secret.
 * - An operator who can list accounts cannot guess a code from its mark.
 * - A new app secret makes all marks worthless.
 */
import { concatBytes, encodeHex, encodeText, takeSymbols } from './bytes.ts'
import { authenticate } from './hmac.ts'
import { parseSymbols, writeSymbols } from './spoken.ts'

export const RECOVERY_BYTES = 7
const RECOVERY_SYMBOLS = 10

/** The first 50 bits of `random` as `0A1B2-C3D4E`: the alphabet of the spoken codes, without check symbols. */
export function encodeRecovery(random: Uint8Array): string {
  const symbols = takeSymbols(random, RECOVERY_SYMBOLS * 5)
  return `${writeSymbols(symbols.slice(0, 5))}-${writeSymbols(symbols.slice(5))}`
}

/**
 * The ten symbols in capitals, however they were typed (case, hyphens, spaces). Null when the text is not a recovery
 * code.
 */
export function parseRecovery(typed: string): string | null {
  const symbols = parseSymbols(typed)
  return symbols?.length === RECOVERY_SYMBOLS ? writeSymbols(symbols) : null
}

/** HMAC-SHA-256(secret, "keydesk/v1/recovery\0" ‖ symbols). */
export function markRecovery(secret: Uint8Array, symbols: string): string {
  return encodeHex(authenticate(secret, encodeText(`keydesk/v1/recovery\0${symbols}`)))
}

/** HMAC-SHA-256(secret, "keydesk/v1/trust\0" ‖ token). */
export function markTrust(secret: Uint8Array, token: Uint8Array): string {
  return encodeHex(authenticate(secret, concatBytes(encodeText('keydesk/v1/trust\0'), token)))
}
