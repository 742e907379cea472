/** What this workstation prefers, where a command line does not say. It is read only by who needs it: a call without --ticket and --spell does not. */
import type { Context } from '../context.ts'
import { matchesTicket, TICKET_PATTERN_WORDS } from '../desk/ticket-pattern.ts'
import { KeydeskError } from '../errors.ts'
import { readStored } from '../store/preferences.ts'
import { checkName } from '../term/escape.ts'
import { findPreferenceKey } from './preference-keys.ts'

/** Undefined for what is not set, and for what the key does not allow. */
export function preferred({ places }: Pick<Context, 'places'>, key: string): string | undefined {
  const value = readStored(places)?.[key]
  return value !== undefined && findPreferenceKey(key)?.allows(value) === true ? value : undefined
}

/** The ticket as it goes on record. Throws `usage` unless it is a name and of the organisation's form. */
export function checkTicket(context: Context, text: string): string {
  const ticket = checkName(text, 'ticket')
  const pattern = preferred(context, 'ticket.pattern')
  if (pattern === undefined || matchesTicket(pattern, ticket)) return ticket
  const message = `tickets here look like ${pattern}, and this one does not`
  throw new KeydeskError('usage', 'ticket-form', message, TICKET_PATTERN_WORDS)
}
