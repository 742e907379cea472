/** Guards a mail draft: read back by rules of its own it says what was meant, and no name adds a header, an address or a line. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readAddress, renderMail } from '../../src/term/mail.ts'
import { HOSTILE } from './hostile.ts'

type Parsed = { readonly headers: readonly (readonly [string, string])[]; readonly text: string }

/** RFC 5322 and 2045, as far as such a draft goes. */
function parseMail(mail: string): Parsed {
  const split = mail.indexOf('\r\n\r\n')
  const headers = mail
    .slice(0, split)
    .replaceAll(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)] as const)
  return { headers, text: Buffer.from(mail.slice(split + 4), 'base64').toString('utf8') }
}

/** RFC 2047: the space between two encoded words is none. */
const decodeWords = (value: string): string =>
  value
    .replaceAll('?= =?', '?==?')
    .replaceAll(/=\?utf-8\?B\?([A-Za-z0-9+/=]*)\?=/g, (_, word) => Buffer.from(word, 'base64').toString('utf8'))

const NAMES = ['X-Unsent', 'To', 'Subject', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding']

test('says what it was given', () => {
  const mail = renderMail({ to: 'zoe@example.ch', subject: 'Ihr PIN von Röntgen AG', text: 'Grüezi\n35129-63739' })
  const { headers, text } = parseMail(mail)
  expect(headers.map(([name]) => name)).toEqual(NAMES)
  expect(headers[1]).toEqual(['To', 'zoe@example.ch'])
  expect(decodeWords(headers[2]?.[1] as string)).toBe('Ihr PIN von Röntgen AG')
  expect(text).toBe('Grüezi\r\n35129-63739\r\n')
  expect(mail).not.toContain('35129-63739')
})

test('leaves the address out where there is none, and refuses what is none', () => {
  expect(parseMail(renderMail({ to: null, subject: 'a', text: 'b' })).headers.map(([name]) => name)).not.toContain('To')
  for (const to of ['a', 'a@b\r\nBcc: c@d', 'a@b, c@d', '<a@b>', 'zoë@example.ch'])
    expect(() => renderMail({ to, subject: 'a', text: 'b' })).toThrow('to: an address expected')
})

test.each([
  ['zoe@example.ch', true],
  ["o'neil+x@mail.example.ch", true],
  ['zoe', false],
  ['zoe@', false],
  ['@example.ch', false],
  ['zoe@example.ch.', false],
  ['zoe @example.ch', false],
  ['zoe@example.ch,max@example.ch', false],
  ['"zoe"@example.ch', false],
  ['zoe@example.ch\n', false],
  ['zoë@example.ch', false],
  [`${'x'.repeat(65)}@example.ch`, false],
])('%j is an address: %s', (text, expected) => {
  expect(readAddress(text)).toBe(expected ? text : null)
})

describe('whatever the subject', () => {
  const check = (subject: string) => {
    const mail = renderMail({ to: 'a@b', subject, text: subject })
    const { headers, text } = parseMail(mail)
    expect(headers.map(([name]) => name)).toEqual(NAMES)
    expect(decodeWords(headers[2]?.[1] as string)).toBe(subject.toWellFormed())
    expect(text).toBe(`${subject.replaceAll('\n', '\r\n').toWellFormed()}\r\n`)
    for (const line of mail.split('\r\n')) {
      expect(line).toMatch(/^[\x20-\x7e]*$/)
      expect(line.length).toBeLessThanOrEqual(78)
    }
  }

  it('is one header, in lines of at most 78 characters of ASCII', () => {
    for (const subject of [...HOSTILE, 'a\r\nBcc: eve@example.ch', '=?utf-8?B?YQ==?=', 'x'.repeat(500)]) check(subject)
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), check), { numRuns: 500 })
  })
})

test('has a length that does not depend on digits', () => {
  const mail = (pin: string) => renderMail({ to: null, subject: 'PIN', text: `Ihr PIN: ${pin}, é` })
  expect(mail('35129-63739').length).toBe(mail('#####-#####').length)
})
