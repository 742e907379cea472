/**
 * Writes a mail as a draft (RFC 5322, MIME), which an operator's mail program opens and sends.
 * - No name can add a header, an address or a part: header text that is not plain ASCII is encoded (RFC 2047).
 * - Every body is base64, so it cannot contain our boundary. And nobody reads a code in it by a glance at the file.
 */
import { readAddress } from './address.ts'

export type Attachment = {
  /** A name of our own: plain ASCII without quotes. */
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
}
export type Draft = {
  /** Null leaves out the line. The operator then fills it in. */
  readonly to: string | null
  readonly subject: string
  /** The lines of the body, separated by \n. */
  readonly text: string
  /** The same body for mail programs that show HTML. Foreign text in it is escaped already. */
  readonly html?: string
  readonly attachments?: readonly Attachment[]
}

const LINE = /.{1,76}/g
/**
 * A line with an encoded word has at most 76 characters. 39 bytes make 52 in base64, 12 stand around them, and
 * `Subject: ` before.
 */
const WORD_BYTES = 39

/** Returns the whole file. Each line ends with CRLF. */
export function renderMail({ to, subject, text, html, attachments = [] }: Draft): string {
  if (to !== null && readAddress(to) === null) throw new TypeError('to: an address expected')
  const head = [
    // Mail programs that know this header open the file ready to be sent.
    'X-Unsent: 1',
    ...(to === null ? [] : [`To: ${to}`]),
    `Subject: ${encodeWords(subject)}`,
    'MIME-Version: 1.0',
  ]
  const plain = renderText('plain', text)
  const body = html === undefined ? plain : renderParts('alternative', [plain, renderText('html', html)])
  const whole = attachments.length === 0 ? body : renderParts('mixed', [body, ...attachments.map(renderAttachment)])
  return `${head.join('\r\n')}\r\n${whole}`
}

/** The best alternative comes last (RFC 2046, 5.1.4). */
function renderParts(kind: 'alternative' | 'mixed', parts: readonly string[]): string {
  // Base64 contains no hyphen, so no body contains this boundary.
  const boundary = `keydesk-${kind}`
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('')
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\n${body}--${boundary}--\r\n`
}

function renderText(subtype: 'plain' | 'html', text: string): string {
  const bytes = Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`)
  return renderPart([`Content-Type: text/${subtype}; charset=utf-8`], bytes)
}

function renderAttachment({ name, type, bytes }: Attachment): string {
  const headers = [`Content-Type: ${type}; name="${name}"`, `Content-Disposition: attachment; filename="${name}"`]
  return renderPart(headers, bytes)
}

function renderPart(headers: readonly string[], bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').match(LINE) ?? []
  return [...headers, 'Content-Transfer-Encoding: base64', '', ...lines, ''].join('\r\n')
}

/** Returns plain ASCII unchanged. Other text becomes encoded words, one a line. No word splits a character. */
function encodeWords(text: string): string {
  if (/^[\x20-\x7e]{1,60}$/.test(text) && !text.includes('=?')) return text
  const words: string[] = ['']
  for (const character of text.toWellFormed()) {
    const last = words.at(-1) as string
    if (Buffer.byteLength(last + character) > WORD_BYTES) words.push(character)
    else words[words.length - 1] = last + character
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}
