/**
 * A mail as a draft (.eml, RFC 5322 and 2045) that a mail program opens to be looked at and sent: nothing is sent here. Its headers are
 * ours and ASCII; what is foreign is in the text, which is base64, so no name can add a header or a part.
 */
export type Attachment = { readonly name: string; readonly type: string; readonly bytes: Uint8Array }
export type Draft = {
  /** Left out of the draft unless it is plainly an address. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly attachments: readonly Attachment[]
}

const ADDRESS = /^[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/
const LINE = 76

/** `boundary` parts the pieces: drawn at random, so that no piece holds it. */
export function renderDraft({ to, subject, text, attachments }: Draft, boundary: string): string {
  const head = [
    // Mail programs open it as a draft, not as mail that came.
    'X-Unsent: 1',
    ...(ADDRESS.test(to) ? [`To: ${to}`] : []),
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
  ]
  const parts = [
    renderPart(['Content-Type: text/plain; charset=utf-8'], new TextEncoder().encode(text.replace(/\r?\n/g, '\r\n'))),
    ...attachments.map(({ name, type, bytes }) =>
      renderPart(
        [`Content-Type: ${type}; name="${name}"`, `Content-Disposition: attachment; filename="${name}"`],
        bytes,
      ),
    ),
  ]
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('')
  return `${head.join('\r\n')}\r\n\r\n${body}--${boundary}--\r\n`
}

function renderPart(headers: readonly string[], bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${LINE}}`, 'g')) ?? []
  return [...headers, 'Content-Transfer-Encoding: base64', '', ...lines, ''].join('\r\n')
}
