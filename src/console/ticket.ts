/** A ticket as it goes on record, wherever it is typed: a flag, a line of a batch, a guided call. It reads nothing: the pattern is given. */
import { matchesTicket, TICKET_PATTERN_WORDS } from '../desk/ticket-pattern.ts'
import { KeydeskError } from '../errors.ts'
import { checkName } from '../term/escape.ts'

/** Throws `usage` unless it is a name and of the organisation's form, where there is one. */
export function readTicket(text: string, pattern: string | null): string {
  const ticket = checkName(text, 'ticket')
  if (pattern === null || matchesTicket(pattern, ticket)) return ticket
  const message = `tickets here look like ${pattern}, and this one does not`
  throw new KeydeskError('usage', 'ticket-form', message, TICKET_PATTERN_WORDS)
}
