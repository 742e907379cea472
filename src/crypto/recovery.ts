/**
 * What stands in for an app's code: ten recovery codes of 50 bits, and the token of a trusted workstation. The store keeps marks of them,
 * keyed by the app's own secret: who can list accounts cannot guess a code from its mark, and a new secret makes all of them worthless.
 */
import { concatBytes, encodeHex, encodeText, takeSymbols } from './bytes.ts'
import { authenticate } from './hmac.ts'
import { parseSymbols, writeSymbols } from './spoken.ts'

export const RECOVERY_BYTES = 7
const RECOVERY_SYMBOLS = 10

/** 50 bits as `0A1B2-C3D4E`: the symbols of the codes on the telephone, without a check. */
export function encodeRecovery(random: Uint8Array): string {
  const symbols = takeSymbols(random, RECOVERY_SYMBOLS * 5)
  return `${writeSymbols(symbols.slice(0, 5))}-${writeSymbols(symbols.slice(5))}`
}

/** As it is kept and compared, whatever case, hyphens and spaces it was typed with; null for what is no recovery code. */
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
