/**
 * A mail as a draft (RFC 5322, MIME): what an operator's mail program opens and sends. No name can add a header or an address: whatever is
 * not plain ASCII is encoded (RFC 2047), and a line of ours never holds a line end of theirs. The body is base64, so that a PIN in
 * it is not read by a glance at the file.
 */
export type Draft = {
  /** Null leaves the line out: the operator fills it in. */
  readonly to: string | null
  readonly subject: string
  /** Lines of the body, apart by \n. */
  readonly text: string
}

/** Local part and domain of plain ASCII, in no need of quotes: what can stand in a header as it is. */
const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/
const LINE = 76
/** A line with an encoded word has at most 76 characters: 39 bytes make 52 of base64, 12 stand around them and `Subject: ` before. */
const WORD_BYTES = 39

/** The text as an address, or null when it is none that a header could hold. */
export const readAddress = (text: string): string | null => (ADDRESS.test(text) ? text : null)

/** The whole file, CRLF at the end of each line. Its length depends on that of its parts alone. */
export function renderMail({ to, subject, text }: Draft): string {
  if (to !== null && readAddress(to) === null) throw new TypeError('to: an address expected')
  const body = Buffer.from(`${text.replaceAll('\n', '\r\n')}\r\n`).toString('base64')
  return [
    // Mail programs that know it open the file ready to be sent.
    'X-Unsent: 1',
    ...(to === null ? [] : [`To: ${to}`]),
    `Subject: ${encodeWords(subject)}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...(body.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []),
    '',
  ].join('\r\n')
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
