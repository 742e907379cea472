/**
 * Prepares a draft for sending: from the preferred address, to the one address that it names. It keeps headers that a
 * mail program added.
 */
import { readAddress } from './address.ts'

export type Outgoing = { readonly to: string; readonly raw: string }
/** The headers that keydesk itself sets when it sends. */
export type Stamp = { readonly from: string; readonly date: Date; readonly messageId: string }

/**
 * A draft with one of these headers is refused. They name other recipients, or say that the mail was sent already, so
 * leaving them out would hide something.
 */
const OTHERS = ['cc', 'bcc', 'resent-to', 'received']
const OURS = ['from', 'sender', 'date', 'message-id', 'x-unsent']

/** Returns the mail to send, or the reason why it cannot be sent. */
export function prepareDraft(text: string, { from, date, messageId }: Stamp): Outgoing | { readonly fault: string } {
  const mail = text.replaceAll(/\r\n?|\n/g, '\r\n')
  const split = mail.indexOf('\r\n\r\n')
  // A header continues on the next line if that line begins with white space.
  const headers = mail.slice(0, Math.max(split, 0)).split(/\r\n(?![ \t])/)
  if (split === -1 || !headers.every((header) => /^[\x21-\x39\x3b-\x7e]+:/.test(header)))
    return { fault: 'it is no mail' }
  const named = (names: readonly string[]) => headers.filter((header) => names.includes(nameOf(header)))
  const [to = '', ...more] = named(['to']).map((header) => header.slice(header.indexOf(':') + 1).trim())
  const address = readAddress(to.replace(/^<(.*)>$/, '$1'))
  if (address === null || more.length > 0) return { fault: 'it names nobody to send it to, or no plain address' }
  const [other] = named(OTHERS)
  if (other !== undefined) return { fault: `it has a header ${nameOf(other)}, and goes to one address alone` }
  const stamp = [`From: ${from}`, `Date: ${date.toUTCString().replace('GMT', '+0000')}`, `Message-ID: ${messageId}`]
  const kept = headers.filter((header) => !OURS.includes(nameOf(header)))
  return { to: address, raw: `${[...stamp, ...kept].join('\r\n')}${mail.slice(split)}` }
}

const nameOf = (header: string): string => header.slice(0, header.indexOf(':')).toLowerCase()
