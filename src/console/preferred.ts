/**
 * Reads the preferences that replace missing options. Only commands that need a preference load this file: `reset
 * confirm` in a pipe, without --ticket and --spell, does not.
 */
import type { Context } from '../context.ts'
import type { SpellingLanguage } from '../term/spelling.ts'
import { readStored } from '../workstation/preferences.ts'
import { findPreferenceKey } from './preference-keys.ts'
import { readTicket } from './ticket.ts'

/** Returns undefined if the key is unset or its value is not allowed. */
export function preferred({ places }: Pick<Context, 'places'>, key: string): string | undefined {
  const value = readStored(places)?.[key]
  return value !== undefined && findPreferenceKey(key)?.allows(value) === true ? value : undefined
}

export const preferredSpelling = (context: Context): SpellingLanguage =>
  (preferred(context, 'spelling') as SpellingLanguage | undefined) ?? 'en'

/** The ticket pattern. Null when any text is allowed. */
export const preferredTicket = (context: Context): string | null => preferred(context, 'ticket.pattern') ?? null

/** The ticket for the audit log. Throws `usage` if it is no valid name or does not match the pattern. */
export const checkTicket = (context: Context, text: string): string => readTicket(text, preferredTicket(context))
