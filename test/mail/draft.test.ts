/** Sending a draft: it goes to the one address that it names, and it gets its sender when it is sent. */
import { describe, expect, it, test } from 'vitest'
import { prepareDraft } from '../../src/mail/draft.ts'
import { renderMail } from '../../src/mail/message.ts'
import { readBody, readMail } from './reader.ts'

const STAMP = { from: 'desk@example.ch', date: new Date(Date.UTC(2026, 2, 2, 9)), messageId: '<ab@example.ch>' }
const draft = renderMail({ to: 'zoe@example.ch', subject: 'Röntgen', text: 'Grüezi', html: '<p>Grüezi</p>' })

test('a draft gets From, Date and Message-ID, and is otherwise unchanged', () => {
  const sent = prepareDraft(draft, STAMP)
  if ('fault' in sent) throw new Error(sent.fault)
  expect(sent.to).toBe('zoe@example.ch')
  expect(readMail(sent.raw).headers.map(([name, value]) => `${name}: ${value}`)).toEqual([
    'From: desk@example.ch',
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    'Message-ID: <ab@example.ch>',
    'To: zoe@example.ch',
    'Subject: Röntgen',
    'MIME-Version: 1.0',
    'Content-Type: multipart/alternative; boundary="keydesk-alternative"',
  ])
  expect(readBody(sent.raw)).toBe('Grüezi\r\n')
  expect(prepareDraft(draft.replaceAll('\r\n', '\n'), STAMP)).toEqual(sent)
})

test('a From, a Sender and a Date that a mail program wrote into the draft are replaced', () => {
  const sent = prepareDraft(`From: eve@example.ch\r\nSender: eve@example.ch\r\nDATE: x\r\n${draft}`, STAMP)
  expect('raw' in sent && sent.raw).not.toMatch(/eve|DATE/)
})

describe('prepareDraft refuses', () => {
  it.each([
    ['no mail', 'hello', /no mail/],
    ['a mail of one part', draft.replace('To: zoe@example.ch', 'To zoe'), /no mail/],
    ['nobody', draft.replace('To: zoe@example.ch\r\n', ''), /nobody/],
    ['two', draft.replace('zoe@example.ch', 'zoe@example.ch, max@example.ch'), /nobody/],
    ['two headers', `To: max@example.ch\r\n${draft}`, /nobody/],
    ['one that is folded into two', draft.replace('zoe@example.ch', 'zoe@example.ch,\r\n max@example.ch'), /nobody/],
    ['a copy', `cc: max@example.ch\r\n${draft}`, /header cc/],
    ['a blind copy', `Bcc: max@example.ch\r\n${draft}`, /header bcc/],
    ['a mail that came', `Received: from x\r\n${draft}`, /header received/],
  ])('%s', (_, text, fault) => {
    expect(prepareDraft(text, STAMP)).toEqual({ fault: expect.stringMatching(fault) })
  })
})
