/**
 * The preferences of a workstation and their allowed values. A value in the file that its key does not allow counts as
 * unset. A preference can therefore do no harm beyond, for example, spelling in Dutch or asking for another form of
 * ticket.
 */

import { PLATFORMS } from '../desk/records/index.ts'
import { MAIL_LANGUAGES } from '../desk/records/mail-kinds.ts'
import { isTicketPattern, TICKET_PATTERN_WORDS } from '../desk/ticket-pattern.ts'
import { readAddress } from '../mail/address.ts'
import { THEMES } from '../term/colour.ts'
import { SPELLING_LANGUAGES } from '../term/spelling.ts'

export type PreferenceKey = {
  readonly key: string
  readonly meaning: string
  /** The allowed values in words. `help` says it at length if necessary. */
  readonly values: string
  readonly help?: string
  /** The default, in words. */
  readonly standard: string
  readonly allows: (value: string) => boolean
}

const oneOf = (values: readonly string[]) => ({
  values: values.join(', '),
  allows: (value: string) => values.includes(value),
})
const isHost = (value: string) => /^(?=.{1,253}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/.test(value)
const isPort = (value: string) => /^[1-9]\d{0,4}$/.test(value) && Number(value) <= 65_535
// Printable ASCII only: the text is shown, and a line end must never reach a mail server.
const isLine = (value: string) => /^[\x20-\x7e]{1,200}$/.test(value)

export const PREFERENCE_KEYS: readonly PreferenceKey[] = [
  {
    key: 'theme',
    meaning: 'the background that colours are chosen for; mono has none',
    standard: 'auto',
    ...oneOf(THEMES),
  },
  {
    key: 'spelling',
    meaning: 'the alphabet of --spell without a language',
    standard: 'en',
    ...oneOf(SPELLING_LANGUAGES),
  },
  { key: 'device.platform', meaning: 'the platform of device invite', standard: 'none', ...oneOf(PLATFORMS) },
  {
    key: 'ticket.pattern',
    meaning: 'what a --ticket must look like',
    values: 'such as INC####### or HD-*',
    help: TICKET_PATTERN_WORDS,
    standard: 'any text',
    allows: isTicketPattern,
  },
  { key: 'mail.language', meaning: 'the language of mail drafts', standard: 'en', ...oneOf(MAIL_LANGUAGES) },
  {
    key: 'smtp.host',
    meaning: 'the mail server that mail send hands drafts to',
    values: 'a host name',
    standard: 'none',
    allows: isHost,
  },
  { key: 'smtp.port', meaning: 'its port', values: '1 to 65535', standard: '587, with tls 465', allows: isPort },
  {
    key: 'smtp.security',
    meaning: 'how the way there is protected; none only to this very machine',
    standard: 'starttls',
    ...oneOf(['starttls', 'tls', 'none']),
  },
  {
    key: 'smtp.user',
    meaning: 'the name to sign in with; none for a server that asks for none',
    values: 'a name',
    standard: 'none',
    allows: isLine,
  },
  {
    key: 'smtp.from',
    meaning: 'the address that mails come from',
    values: 'a mail address',
    standard: 'none',
    allows: (value) => readAddress(value) !== null,
  },
  {
    key: 'smtp.caFile',
    meaning: 'the certificate of the authority that vouches for the server, if your own',
    values: 'an absolute path',
    standard: 'none',
    allows: (value) => isLine(value) && /^(\/|[A-Za-z]:[\\/])/.test(value),
  },
]

export function findPreferenceKey(key: string): PreferenceKey | undefined {
  return PREFERENCE_KEYS.find((each) => each.key === key)
}
