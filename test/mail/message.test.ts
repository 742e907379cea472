/** Mail drafts, read back by an independent reader. No name can add a header, an address, a line or a part. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readAddress } from '../../src/mail/address.ts'
import { type Draft, renderMail } from '../../src/mail/message.ts'
import { HOSTILE } from '../term/hostile.ts'
import { readBody, readHeader, readMail } from './reader.ts'

const NAMES = ['X-Unsent', 'To', 'Subject', 'MIME-Version', 'Content-Type']
const namesOf = (mail: string) => readMail(mail).headers.map(([name]) => name)
const typesOf = (mail: string) => readMail(mail).parts.map(({ type }) => type)

test('a draft contains the given address, subject and text', () => {
  const mail = renderMail({ to: 'zoe@example.ch', subject: 'Ihr PIN von Röntgen AG', text: 'Grüezi\n35129-63739' })
  expect(namesOf(mail)).toEqual([...NAMES, 'Content-Transfer-Encoding'])
  expect(readHeader(mail, 'To')).toBe('zoe@example.ch')
  expect(readHeader(mail, 'Subject')).toBe('Ihr PIN von Röntgen AG')
  expect(readBody(mail)).toBe('Grüezi\r\n35129-63739\r\n')
  expect(mail).not.toContain('35129-63739')
})

const picture = { name: 'a.png', type: 'image/png', bytes: new Uint8Array([137, 80, 78, 71, 13, 10]) }
const full: Draft = { to: null, subject: 's', text: 'plain', html: '<p>rich</p>', attachments: [picture] }

test('a draft with HTML has both forms, and the richer one is last', () => {
  const mail = renderMail({ to: null, subject: 's', text: 'plain', html: '<p>rich</p>' })
  expect(readHeader(mail, 'Content-Type')).toMatch(/^multipart\/alternative; /)
  expect(typesOf(mail)).toEqual(['text/plain', 'text/html'])
  expect([readBody(mail), readBody(mail, 'text/html')]).toEqual(['plain\r\n', '<p>rich</p>\r\n'])
})

test('an attachment is a part of its own, byte for byte', () => {
  const mail = renderMail(full)
  expect(readHeader(mail, 'Content-Type')).toMatch(/^multipart\/mixed; /)
  expect(typesOf(mail)).toEqual(['text/plain', 'text/html', 'image/png'])
  const [, , attached] = readMail(mail).parts
  expect(new Uint8Array(attached?.bytes ?? [])).toEqual(picture.bytes)
  expect(attached?.headers.get('Content-Disposition')).toBe('attachment; filename="a.png"')
})

test('a draft may have no address, and an invalid address is refused', () => {
  expect(namesOf(renderMail({ to: null, subject: 'a', text: 'b' }))).not.toContain('To')
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

describe('any subject and any text', () => {
  const check = (foreign: string) => {
    const mail = renderMail({ ...full, to: 'a@b', subject: foreign, text: foreign, html: foreign })
    const said = `${foreign.replaceAll('\n', '\r\n').toWellFormed()}\r\n`
    expect(namesOf(mail)).toEqual(NAMES)
    expect(readHeader(mail, 'Subject')).toBe(foreign.toWellFormed())
    expect(typesOf(mail)).toEqual(['text/plain', 'text/html', 'image/png'])
    expect([readBody(mail), readBody(mail, 'text/html')]).toEqual([said, said])
    for (const line of mail.split('\r\n')) {
      expect(line).toMatch(/^[\x20-\x7e]*$/)
      expect(line.length).toBeLessThanOrEqual(78)
    }
  }

  it('give one header and three parts, in lines of at most 78 characters of ASCII', () => {
    const mean = ['a\r\nBcc: eve@example.ch', '\r\n--keydesk-mixed--\r\n', '\r\n--keydesk-alternative\r\n']
    for (const foreign of [...HOSTILE, ...mean, '=?utf-8?B?YQ==?=', 'x'.repeat(500)]) check(foreign)
    fc.assert(fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), check), { numRuns: 500 })
  })
})
