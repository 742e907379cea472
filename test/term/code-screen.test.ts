/** The screen of a code: each symbol has its own shape, digits are marked without colour, and the screen fits. */
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALPHABET } from '../../src/crypto/spoken.ts'
import { renderCode, renderSpelling } from '../../src/term/code-screen.ts'
import { type Paint, paint } from '../../src/term/colour.ts'

const symbol = fc.constantFrom(...ALPHABET)
const groups = fc.array(fc.string({ unit: symbol, minLength: 5, maxLength: 5 }), { minLength: 3, maxLength: 3 })
const anyCode = groups.map((list) => list.join('-'))

const asItIs = (text: string) => text
const PLAIN: Paint = {
  bold: asItIs,
  dim: asItIs,
  digit: asItIs,
  letter: asItIs,
  good: asItIs,
  bad: asItIs,
  warn: asItIs,
}

/** The five rows of one symbol, as drawn in the middle of a screen. */
function shapeOf(one: string): string {
  const lines = renderCode(`HHHHH-HH${one}HH-HHHHH`, PLAIN, { columns: 80 }).split('\n')
  return lines
    .slice(2, 7)
    .map((line) => line.padEnd(80).slice(38, 42))
    .join('\n')
}

describe('renderCode', () => {
  test('draws large symbols at 80 columns', () => {
    expect(
      renderCode('7F122-00737-8YWXP', PLAIN, { columns: 80, caption: 'Confirmation code' }),
    ).toMatchInlineSnapshot(`
      " Confirmation code   digits are underlined

       ▀▀▀█ █▀▀▀  ▄█  ▄▀▀▄ ▄▀▀▄   ▄▀▀▄ ▄▀▀▄ ▀▀▀█ ▄▀▀▄ ▀▀▀█   ▄▀▀▄ █  █ █  █ █  █ █▀▀▄
         ▄▀ █    ▀ █     █    █   █  █ █  █   ▄▀    █   ▄▀   █  █ ▀▄▄▀ █  █ ▀▄▄▀ █  █
         █  █▀▀    █   ▄▀   ▄▀    █▐▌█ █▐▌█   █   ▀▀▄   █    ▄▀▀▄  ▐▌  █▐▌█  ▐▌  █▀▀
        █   █      █  █    █      █  █ █  █  █   ▄  █  █     █  █  ▐▌  █▀▀█ ▄▀▀▄ █
        ▀   ▀     ▀▀▀ ▀▀▀▀ ▀▀▀▀    ▀▀   ▀▀   ▀    ▀▀   ▀      ▀▀       ▀  ▀ ▀  ▀ ▀
       ────      ──── ──── ────   ──── ──── ──── ──── ────   ────
       └────── group 1 ───────┘   └────── group 2 ───────┘   └────── group 3 ───────┘

       7F122-00737-8YWXP
      "
    `)
  })

  test('draws plain symbols on a narrow screen', () => {
    expect(renderCode('7F122-00737-8YWXP', PLAIN, { columns: 60 })).toMatchInlineSnapshot(`
      " digits are underlined

       7  F  1  2  2     0  0  7  3  7     8  Y  W  X  P
       ─     ─  ─  ─     ─  ─  ─  ─  ─     ─
       └─ group 1 ─┘     └─ group 2 ─┘     └─ group 3 ─┘

       7F122-00737-8YWXP
      "
    `)
    expect(renderCode('7F122-00737-8YWXP', PLAIN, { columns: 20 })).toMatchInlineSnapshot(`
      " digits are underlined

       7 F 1 2 2   0 0 7 3 7   8 Y W X P
       ─   ─ ─ ─   ─ ─ ─ ─ ─   ─
       └── 1 ──┘   └── 2 ──┘   └── 3 ──┘

       7F122-00737-8YWXP
      "
    `)
  })

  test('gives shapes from which any code can be read, and a line to copy', () => {
    const byShape = new Map(Array.from(ALPHABET, (one) => [shapeOf(one), one]))
    expect(byShape.size).toBe(32)
    fc.assert(
      fc.property(anyCode, (code) => {
        const lines = renderCode(code, PLAIN, { columns: 80 }).split('\n')
        const rows = lines.slice(2, 7).map((line) => line.padEnd(80))
        const starts = Array.from({ length: 15 }, (_, i) => 1 + i * 5 + Math.floor(i / 5) * 2)
        const read = starts.map((left) => byShape.get(rows.map((row) => row.slice(left, left + 4)).join('\n')))
        expect(read.join('')).toBe(code.replaceAll('-', ''))
        expect(lines).toContain(` ${code}`)
      }),
    )
  })

  test.each(['T', 'Y'])('draws %s on a stem without a foot, because people read a T with a foot as an I', (one) => {
    const [, , , stem = '', foot = ''] = shapeOf(one).split('\n')
    expect(stem).toBe(' ▐▌ ')
    expect(foot.trim()).toBe('')
  })

  test.each([
    '08',
    '0D',
    '0Q',
    '8B',
    '6G',
    '5S',
    '2Z',
    '17',
    'MN',
    'MW',
    'MH',
    'HN',
    'VY',
    'VW',
    'XY',
    'KX',
    'PR',
    'EF',
    'CG',
    '38',
    '49',
    '69',
    'DB',
    'A4',
  ])('draws the two symbols of %s with at least two different cells', (pair) => {
    const [one, other] = Array.from(pair, shapeOf) as [string, string]
    const differing = Array.from(one).filter((cell, i) => cell !== other[i])
    expect(differing.length).toBeGreaterThanOrEqual(2)
  })

  test('uses only half blocks, which every console font has', () => {
    for (const one of ALPHABET) expect(shapeOf(one)).toMatch(/^[ ▀▄█▌▐\n]+$/)
  })

  test('never exceeds the given columns, from 34 on', () => {
    fc.assert(
      fc.property(anyCode, fc.integer({ min: 34, max: 200 }), (code, columns) => {
        for (const line of renderCode(code, PLAIN, { columns, caption: 'Confirmation code' }).split('\n'))
          expect(line.length).toBeLessThanOrEqual(columns)
      }),
    )
  })

  test('underlines digits, and no letters', () => {
    fc.assert(
      fc.property(anyCode, fc.constantFrom(80, 40), (code, columns) => {
        const marks = renderCode(code, PLAIN, { columns }).split('\n')[columns === 80 ? 7 : 3] as string
        const step = columns === 80 ? 5 : 2
        const starts = Array.from({ length: 15 }, (_, i) => 1 + i * step + Math.floor(i / 5) * 2)
        const marked = starts.map((left) => marks.charAt(left) === '─')
        expect(marked).toEqual(Array.from(code.replaceAll('-', ''), (one) => /\d/.test(one)))
      }),
    )
  })

  test('paints digits and letters differently', () => {
    const brushes = { ...PLAIN, digit: (text: string) => `<${text}>`, letter: (text: string) => `(${text})` }
    expect(renderCode('7F1-ABC', brushes, { columns: 10 }).split('\n').slice(2, 4)).toEqual([
      ' <7> (F) <1>   (A) (B) (C)',
      ' <─>   <─>',
    ])
  })

  test('draws the same text with colours and without', async () => {
    const io = {
      out: asItIs,
      err: asItIs,
      readInput: () => '',
      readLines: () => [],
      stdinIsTerminal: true,
      stdoutIsTerminal: true,
      stderrIsTerminal: true,
      columns: 80,
    }
    const painted = renderCode('7F122-00737-8YWXP', await paint(io, {}, { TERM: 'xterm-256color' }), {
      columns: 80,
      caption: 'x',
    })
    const bare = stripVTControlCharacters(painted).replaceAll(/ +$/gm, '')
    expect(bare).toBe(renderCode('7F122-00737-8YWXP', PLAIN, { columns: 80, caption: 'x' }))
    expect(painted).not.toBe(bare)
  })

  test('refuses a symbol outside the alphabet', () => {
    expect(() => renderCode('7F122-0073U-8YWXP', PLAIN, { columns: 80 })).toThrow(RangeError)
  })
})

describe('renderSpelling', () => {
  test('has one line for each group and one column for each place', () => {
    expect(renderSpelling('7F122-00737-8YWXP', 'en')).toMatchInlineSnapshot(`
      "                   1st      2nd      3rd      4th      5th
       group 1   7F122   seven    Foxtrot  one      two      two
       group 2   00737   zero     zero     seven    three    seven
       group 3   8YWXP   eight    Yankee   Whiskey  X-ray    Papa
      "
    `)
  })

  test('keeps the groups of the text, so it can spell a PIN too', () => {
    expect(renderSpelling('0441-12', 'en')).toMatchInlineSnapshot(`
      "                  1st   2nd   3rd   4th
       group 1   0441   zero  four  four  one
       group 2   12     one   two
      "
    `)
    expect(renderSpelling('0441-123456', 'en')).toContain('6th')
  })

  test('fits 80 columns in every language', () => {
    fc.assert(
      fc.property(anyCode, fc.constantFrom('en' as const, 'de' as const), (code, language) => {
        for (const line of renderSpelling(code, language).split('\n')) expect(line.length).toBeLessThanOrEqual(80)
      }),
    )
  })
})
