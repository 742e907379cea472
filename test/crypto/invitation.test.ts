/** The invitation: each has exactly one spelling, and any other text decodes to null without an exception. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeInvitation, encodeInvitation, INVITATION_PREFIX, type Invitation } from '../../src/crypto/invitation.ts'
import { counting, filled, hex, type InvitationVector, sharedVectors, toHex, utf8 } from './fixtures.ts'

const invitation: Invitation = {
  id: counting(0xa0, 16),
  tag: 22_391_381,
  slot: filled(99, 7),
  organisation: 'R\u00f6ntgen AG',
  user: 'zo\u00eb@example.ch',
  pinAllowed: true,
}
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text.slice(INVITATION_PREFIX.length), 'base64url'))
const textOf = (bytes: Uint8Array) => INVITATION_PREFIX + Buffer.from(bytes).toString('base64url')
const whole = bytesOf(encodeInvitation(invitation))
/** The offset of each part in bytes. */
const AT = { version: 0, flags: 1, id: 2, tag: 18, slot: 22, organisation: 121, user: 134 }

test('an invitation is its parts in this order', () => {
  const parts = [
    '01',
    '01',
    toHex(invitation.id),
    '0155aa55',
    '07'.repeat(99),
    `000b${toHex(utf8('R\u00f6ntgen AG'))}`,
    `000f${toHex(utf8('zo\u00eb@example.ch'))}`,
  ]
  expect(toHex(whole)).toBe(parts.join(''))
  expect(toHex(bytesOf(encodeInvitation({ ...invitation, pinAllowed: false })))).toBe(parts.with(1, '00').join(''))
  expect(toHex(whole.subarray(AT.user, AT.user + 2))).toBe('000f')
})

test('an invitation decodes to the content that was encoded, with its texts in NFC', () => {
  const text = fc.string({ unit: 'binary' })
  const content = fc.record({
    id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    tag: fc.integer({ min: 0, max: 2 ** 25 - 1 }),
    slot: fc.uint8Array({ minLength: 99, maxLength: 99 }),
    organisation: text,
    user: text,
    pinAllowed: fc.boolean(),
  })
  fc.assert(
    fc.property(content, (any) => {
      const encoded = encodeInvitation(any)
      const [organisation, user] = [any.organisation.normalize('NFC'), any.user.normalize('NFC')]
      expect(decodeInvitation(encoded)).toEqual({ ...any, organisation, user })
      expect(encoded).toMatch(/^keydesk:enrol\/1\/[A-Za-z0-9_-]+$/)
    }),
  )
})

test('an invitation can hold texts of 65,535 bytes, the most that a length of 16 bits allows', () => {
  const long = { ...invitation, organisation: 'x'.repeat(65_535), user: 'y'.repeat(65_535) }
  expect(decodeInvitation(encodeInvitation(long))).toEqual(long)
})

describe('encoding refuses by name', () => {
  test.each<[string, Partial<Invitation>]>([
    ['device id: 16 bytes expected', { id: filled(15, 1) }],
    ['tag: an unsigned integer of 25 bits expected', { tag: 2 ** 25 }],
    ['tag: an unsigned integer of 25 bits expected', { tag: -1 }],
    ['slot: 99 bytes expected', { slot: filled(98, 1) }],
    ['length of organisation: an unsigned integer of 16 bits expected', { organisation: 'x'.repeat(65_536) }],
    ['length of user: an unsigned integer of 16 bits expected', { user: '\u00e9'.repeat(32_768) }],
  ])('%s', (message, change) => {
    expect(() => encodeInvitation({ ...invitation, ...change })).toThrow(message)
  })
})

describe('decoding refuses', () => {
  const withByte = (at: number, value: number) => textOf(whole.with(at, value))
  const withTexts = (organisation: string, user: string) =>
    textOf(hex(toHex(whole.subarray(0, AT.organisation)) + organisation + user))

  test.each([
    ['nothing', ''],
    ['the prefix alone', INVITATION_PREFIX],
    ['another prefix', encodeInvitation(invitation).replace('enrol/1', 'enrol/2')],
    ['a prefix in capitals', encodeInvitation(invitation).replace('keydesk', 'KEYDESK')],
    ['a space before', ` ${encodeInvitation(invitation)}`],
    ['a line break after', `${encodeInvitation(invitation)}\n`],
    ['padding', `${encodeInvitation(invitation)}=`],
    ['a version of 0', withByte(AT.version, 0)],
    ['a version of 2', withByte(AT.version, 2)],
    ['a flag that is not known', withByte(AT.flags, 2)],
    ['a flag that is not known beside one that is', withByte(AT.flags, 3)],
    ['the highest flag', withByte(AT.flags, 0x80)],
    ['a tag of 26 bits', withByte(AT.tag, 2)],
    [
      'the first tag that is too large',
      textOf(
        Uint8Array.from(whole)
          .fill(0, AT.tag, AT.slot)
          .fill(2, AT.tag, AT.tag + 1),
      ),
    ],
    ['one byte more', textOf(Uint8Array.of(...whole, 0))],
    ['a length that reaches past the end', withByte(AT.user + 1, 16)],
    ['a length that stops before the end', withByte(AT.user + 1, 14)],
    ['an organisation that swallows the user', withByte(AT.organisation, 0xff)],
    ['an organisation that is not UTF-8', withTexts('0001ff', '000161')],
    ['a user that is not UTF-8', withTexts('000161', '0002c0af')],
    ['an organisation that is not NFC', withTexts(`0003${toHex(utf8('e\u0301'))}`, '000161')],
    ['a user that is not NFC', withTexts('000161', `0003${toHex(utf8('e\u0301'))}`)],
    ['a third text', withTexts('000161', '0001610000')],
    ['one text', withTexts('000161', '')],
    ['half a length', withTexts('000161', '00')],
  ])('%s', (_, text) => {
    expect(decodeInvitation(text)).toBeNull()
  })

  test('every truncated invitation', () => {
    const text = encodeInvitation(invitation)
    for (let length = 0; length < text.length; length++) expect(decodeInvitation(text.slice(0, length))).toBeNull()
  })
})

test('a text that decodes encodes to itself, and any other text gives null without an exception', () => {
  const real = sharedVectors<InvitationVector>('invitations').map((v) => v.invitation)
  const edits = fc.array(fc.tuple(fc.nat({ max: 170 }), fc.nat({ max: 255 })), { maxLength: 3 })
  const near = fc.tuple(fc.constantFrom(...real), edits).map(([text, changes]) => {
    const bytes = bytesOf(text)
    for (const [at, value] of changes) bytes[at] = value
    return textOf(bytes)
  })
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((tail) => INVITATION_PREFIX + tail),
    fc.array(fc.nat({ max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
    fc.uint8Array({ maxLength: 200 }).map(textOf),
    near,
  )
  let decodedSome = 0
  fc.assert(
    fc.property(anything, (text) => {
      const decoded = decodeInvitation(text)
      if (decoded === null) return
      decodedSome++
      expect(encodeInvitation(decoded)).toBe(text)
    }),
    { numRuns: 3000 },
  )
  expect(decodedSome).toBeGreaterThan(10)
})
