/**
 * A mail as a draft (RFC 5322, MIME): what an operator's mail program opens and sends. No name can add a header, an address or a part: in the
 * headers whatever is not plain ASCII is encoded (RFC 2047), and every body is base64, which holds no boundary of ours. So a code
 * in it is not read by a glance at the file, either.
 */
import { readAddress } from './address.ts'

export type Attachment = {
  /** Ours, of plain ASCII without quotes. */
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array
}
export type Draft = {
  /** Null leaves the line out: the operator fills it in. */
  readonly to: string | null
  readonly subject: string
  /** Lines of the body, apart by \n. */
  readonly text: string
  /** The same for mail programs that show HTML; foreign text in it is already escaped. */
  readonly html?: string
  readonly attachments?: readonly Attachment[]
}

const LINE = /.{1,76}/g
/** A line with an encoded word has at most 76 characters: 39 bytes make 52 of base64, 12 stand around them and `Subject: ` before. */
const WORD_BYTES = 39

/** The whole file, CRLF at the end of each line. */
export function renderMail({ to, subject, text, html, attachments = [] }: Draft): string {
  if (to !== null && readAddress(to) === null) throw new TypeError('to: an address expected')
  const head = [
    // Mail programs that know it open the file ready to be sent.
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

/** The best for whoever reads it comes last (RFC 2046, 5.1.4). */
function renderParts(kind: 'alternative' | 'mixed', parts: readonly string[]): string {
  // A hyphen is in no base64.
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

/** Plain words as they are; anything else in encoded words, each on a line of its own and none with half a character. */
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
