/** What an operator types as their second factor: six digits of the app, or a recovery code. */
import { parseRecovery } from '../crypto/recovery.ts'
import { parseTotp } from './totp-code.ts'

/** Throws `mistyped` for what is neither. */
export function parseFactor(text: string): string {
  return parseRecovery(text.trim()) === null ? parseTotp(text) : text
}
