/** Escaping of foreign text: only visible characters reach a terminal, and visible characters stay unchanged. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KeydeskError } from '../../src/errors.ts'
import { checkName, escapeJson, escapeText } from '../../src/term/escape.ts'
import { HOSTILE, hostileText } from './hostile.ts'

/** Listed one by one, independent of the classes in the code: controls, bidi controls, and invisible characters. */
const FORBIDDEN: readonly (readonly [from: number, to: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x61c, 0x61c],
  [0x200e, 0x200f],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  [0xad, 0xad],
  [0x34f, 0x34f],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200d],
  [0x2028, 0x2029],
  [0x2060, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xfffb],
  [0xd800, 0xf8ff],
  [0xe0000, 0x10ffff],
]
const UNKNOWN = /[\p{Cs}\p{Co}\p{Cn}]/u
const STACKED = /[\p{Mn}\p{Me}]{5}/u

function forbiddenIn(text: string): string[] {
  const isForbidden = (point: number) => FORBIDDEN.some(([from, to]) => point >= from && point <= to)
  return Array.from(text).filter((c) => isForbidden(c.codePointAt(0) as number))
}

function expectHarmless(text: string): void {
  expect(forbiddenIn(text)).toEqual([])
  for (const harm of [UNKNOWN, STACKED]) expect(text).not.toMatch(harm)
}

describe('escapeText', () => {
  test('lets no character through that is invisible or moves the visible text', () => {
    fc.assert(
      fc.property(hostileText, (text) => expectHarmless(escapeText(text))),
      { numRuns: 3000 },
    )
    for (const text of HOSTILE) expectHarmless(escapeText(text))
  })

  test('shows the code point of the escaped character', () => {
    expect(escapeText('\u202egnp.exe')).toBe('\\u{202e}gnp.exe')
    expect(escapeText('\u001b[31m')).toBe('\\u{1b}[31m')
    expect(escapeText('a\nb')).toBe('a\\u{a}b')
    expect(escapeText('\u{e0041}')).toBe('\\u{e0041}')
    expect(escapeText('x\ud800y\udc00')).toBe('x\\u{d800}y\\u{dc00}')
  })

  test.each([
    'Anna Müller',
    'ACME\\anna',
    'Łukasz O’Neill-Ñandú',
    'Ελένη',
    'Юрий',
    '山田　太郎',
    'לבן',
    'محمد',
    'क्षि',
    'လျှော်',
    'Nguyễn Thị',
    '👍🏽 🇩🇪 😀',
    'a b',
  ])('leaves %s as it is', (text) => {
    expect(escapeText(text)).toBe(text)
    expect(escapeText(text.normalize('NFD'))).toBe(text.normalize('NFD'))
  })

  test('leaves four marks on a letter, and escapes the fifth', () => {
    expect(escapeText('a\u0301\u0302\u0303\u0304')).toBe('a\u0301\u0302\u0303\u0304')
    expect(escapeText('a\u0301\u0302\u0303\u0304\u0305b')).toBe('a\u0301\u0302\u0303\u0304\\u{305}b')
    expect(escapeText('\u0301a')).toBe('\\u{301}a')
  })

  test('does not change escaped text again', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(escapeText(escapeText(text))).toBe(escapeText(text))
      }),
    )
  })
})

describe('escapeJson', () => {
  test('gives the same JSON, harmless on a terminal', () => {
    fc.assert(
      fc.property(fc.dictionary(hostileText, hostileText), (value) => {
        const json = escapeJson(JSON.stringify(value))
        expect(forbiddenIn(json)).toEqual([])
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { numRuns: 1000 },
    )
  })

  test('is harmless for every character of the first plane, and leaves letters as they are', () => {
    for (let point = 0x20; point <= 0xffff; point++) {
      const text = String.fromCodePoint(point)
      const json = escapeJson(JSON.stringify(text))
      if (forbiddenIn(json).length > 0 || UNKNOWN.test(json)) expect.fail(`U+${point.toString(16)}`)
    }
    expect(escapeJson('"Zoë Łukasz Ǿ 한"')).toBe('"Zoë Łukasz Ǿ 한"')
  })
})

describe('checkName', () => {
  test('trims, and composes to NFC', () => {
    expect(checkName('  Anna Müller \n', 'user')).toBe('Anna Müller')
    expect(checkName('Mu\u0308ller', 'user')).toBe('M\u00fcller')
    expect(checkName('ACME\\anna', 'user')).toBe('ACME\\anna')
  })

  test('takes 200 characters, and not one more', () => {
    expect(checkName('😀'.repeat(200), 'name')).toBe('😀'.repeat(200))
    expect(() => checkName('😀'.repeat(201), 'name')).toThrow(/name is longer than 200 characters/)
  })

  test.each(['', '   ', '\n', '\u2003'])('refuses a name of blanks: %j', (text) => {
    expect(() => checkName(text, 'ticket')).toThrow(/ticket is empty/)
  })

  test('names the refused character and its place', () => {
    expect(() => checkName('Änna\u202eb', 'user')).toThrow(
      'user has a character that cannot be shown, number 5: Änna\\u{202e}b',
    )
    expect(() => checkName('ACME\\u{202e}', 'user')).toThrow(/must not contain "\\u\{"/)
  })

  test('accepts only names that are shown unchanged, and refuses others as a usage error', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const name = acceptedName(text)
        if (name === null) return
        expect(escapeText(name)).toBe(name)
        expect(name).toBe(name.normalize('NFC').trim())
        expect(name).not.toContain('\\u{')
        expect(checkName(name, 'name')).toBe(name)
      }),
      { numRuns: 2000 },
    )
  })
})

/** The accepted name, or null for a usage error with a harmless message. Throws any other error. */
function acceptedName(text: string): string | null {
  try {
    return checkName(text, 'name')
  } catch (error) {
    if (error instanceof KeydeskError && error.refusal.kind === 'usage') {
      expectHarmless(error.refusal.message)
      return null
    }
    throw error
  }
}
