/** What this workstation prefers, where a command line does not say. It is read only by who needs it: a call without --ticket and --spell does not. */
import type { Context } from '../context.ts'
import type { SpellingLanguage } from '../term/spelling.ts'
import { readStored } from '../workstation/preferences.ts'
import { findPreferenceKey } from './preference-keys.ts'
import { readTicket } from './ticket.ts'

/** Undefined for what is not set, and for what the key does not allow. */
export function preferred({ places }: Pick<Context, 'places'>, key: string): string | undefined {
  const value = readStored(places)?.[key]
  return value !== undefined && findPreferenceKey(key)?.allows(value) === true ? value : undefined
}

export const preferredSpelling = (context: Context): SpellingLanguage =>
  (preferred(context, 'spelling') as SpellingLanguage | undefined) ?? 'en'

/** What tickets look like here; null where any text will do. */
export const preferredTicket = (context: Context): string | null => preferred(context, 'ticket.pattern') ?? null

/** The ticket as it goes on record. Throws `usage` unless it is a name and of the organisation's form. */
export const checkTicket = (context: Context, text: string): string => readTicket(text, preferredTicket(context))
