/**
 * Reads a mail independently of src/ (RFC 5322, 2045, 2046, 2047), as far as drafts need it.
 * It gives the parts that a mail program would show.
 */
export type ReadPart = { readonly headers: ReadonlyMap<string, string>; readonly type: string; readonly bytes: Buffer }
export type ReadMail = { readonly headers: readonly (readonly [string, string])[]; readonly parts: readonly ReadPart[] }

export function readMail(mail: string): ReadMail {
  const { headers } = readEntity(mail)
  return { headers: [...headers], parts: readParts(mail) }
}

/** The text of the first part of a type; empty if there is none. */
export function readBody(mail: string, type = 'text/plain'): string {
  return (
    readParts(mail)
      .find((part) => part.type === type)
      ?.bytes.toString('utf8') ?? ''
  )
}

export const readHeader = (mail: string, name: string): string | undefined =>
  readMail(mail).headers.find(([each]) => each === name)?.[1]

/** RFC 2047: the space between two encoded words is dropped. */
const decodeWords = (value: string): string =>
  value
    .replaceAll('?= =?', '?==?')
    .replaceAll(/=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=/g, (_, word) => Buffer.from(word, 'base64').toString('utf8'))

function readEntity(text: string): { headers: Map<string, string>; body: string } {
  const split = text.indexOf('\r\n\r\n')
  const lines = text
    .slice(0, split)
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
  const headers = lines.map((line) => [
    line.slice(0, line.indexOf(': ')),
    decodeWords(line.slice(line.indexOf(': ') + 2)),
  ])
  return { headers: new Map(headers as [string, string][]), body: text.slice(split + 4) }
}

function readParts(text: string): ReadPart[] {
  const { headers, body } = readEntity(text)
  const type = headers.get('Content-Type') ?? 'text/plain'
  const boundary = /^multipart\/\w+; boundary="([^"]+)"$/.exec(type)?.[1]
  if (boundary === undefined) {
    const bytes = Buffer.from(body, 'base64')
    return [{ headers, type: type.split(';')[0] as string, bytes }]
  }
  const [whole = ''] = `\r\n${body}`.split(`\r\n--${boundary}--\r\n`)
  return whole
    .split(`\r\n--${boundary}\r\n`)
    .slice(1)
    .flatMap((part) => readParts(`${part}\r\n`))
}
