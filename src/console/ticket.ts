/**
 * Checks a ticket from any source: a flag, a line of a batch, or a guided call. The caller passes the pattern, so this
 * file reads no preferences.
 */
import { matchesTicket, TICKET_PATTERN_WORDS } from '../desk/ticket-pattern.ts'
import { KeydeskError } from '../errors.ts'
import { checkName } from '../term/escape.ts'

/** Throws `usage` if the text is no valid name or does not match the pattern. */
export function readTicket(text: string, pattern: string | null): string {
  const ticket = checkName(text, 'ticket')
  if (pattern === null || matchesTicket(pattern, ticket)) return ticket
  const message = `tickets here look like ${pattern}, and this one does not`
  throw new KeydeskError('usage', 'ticket-form', message, TICKET_PATTERN_WORDS)
}
