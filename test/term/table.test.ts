/** Tables fit the terminal, plain lines keep their columns, and no spreadsheet runs a name as a formula. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeText } from '../../src/term/escape.ts'
import { renderCsv, renderFields, renderPlain, renderTable } from '../../src/term/table.ts'
import { displayWidth } from '../../src/term/width.ts'
import { HOSTILE, hostileText } from './hostile.ts'

const FORMULA = /^\s*[=+\-@＝＋－＠\t\r]/
const rowsOf = (cells: number) =>
  fc.array(fc.array(hostileText, { minLength: cells, maxLength: cells }), { maxLength: 8 })

describe('renderTable', () => {
  const columns = [{ title: 'tag', min: 5 }, { title: 'Name' }, { title: 'epoch', align: 'right' as const }]

  test('aligns columns under their titles', () => {
    const rows = [
      ['NBAJN', "Anna's phone", '7'],
      ['00737', '漢字', '12'],
    ]
    expect(renderTable(columns, rows, 80)).toBe(
      "TAG    NAME          EPOCH\nNBAJN  Anna's phone      7\n00737  漢字             12\n",
    )
  })

  test('shortens the widest column first, and keeps the minimum widths as long as possible', () => {
    const rows = [['NBAJN', 'A very long name of a phone', '12345']]
    expect(renderTable(columns, rows, 27)).toBe('TAG    NAME           EPOCH\nNBAJN  A very long …  12345\n')
    expect(renderTable(columns, rows, 18)).toBe('TAG    NAME  EPOCH\nNBAJN  A v…  12345\n')
    expect(renderTable(columns, rows, 17)).toBe('TAG    NAME  EPO…\nNBAJN  A v…  123…\n')
  })

  test('is never wider than the terminal, whatever the names', () => {
    fc.assert(
      fc.property(rowsOf(3), fc.integer({ min: 1, max: 100 }), (rows, width) => {
        const text = renderTable(columns, rows, width)
        const lines = text.split('\n')
        expect(lines).toHaveLength(rows.length + 2)
        for (const line of lines) {
          expect(displayWidth(line)).toBeLessThanOrEqual(width)
          expect(escapeText(line)).toBe(line)
        }
      }),
      { numRuns: 500 },
    )
    for (const name of [...HOSTILE, 'x'.repeat(10_000)]) {
      for (const line of renderTable(columns, [['1', name, '2']], 80).split('\n'))
        expect(displayWidth(line)).toBeLessThanOrEqual(80)
    }
  })

  test('accepts a row with missing cells', () => {
    expect(renderTable(columns, [['NBAJN']], 80)).toBe('TAG    NAME  EPOCH\nNBAJN\n')
  })
})

describe('renderPlain', () => {
  test('writes one line for each row and a tab between cells, whatever they contain', () => {
    fc.assert(
      fc.property(rowsOf(3), (rows) => {
        const lines = renderPlain(rows).split('\n')
        expect(lines.pop()).toBe('')
        expect(lines.map((line) => line.split('\t'))).toEqual(rows.map((row) => row.map(escapeText)))
      }),
    )
  })

  test('keeps empty cells at the end', () => {
    expect(renderPlain([['a', '', '']])).toBe('a\t\t\n')
    expect(renderPlain([])).toBe('')
  })
})

describe('renderCsv', () => {
  test('quotes as RFC 4180 does, and ends every line with CRLF', () => {
    expect(
      renderCsv(
        ['name', 'user'],
        [
          ['a, b', 'say "hi"'],
          ['', ' padded '],
        ],
      ),
    ).toBe('name,user\r\n"a, b","say ""hi"""\r\n," padded "\r\n')
  })

  test.each([
    ['=1+1', "'=1+1"],
    ['+49 170', "'+49 170"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['  =1', "'  =1"],
    ['\t=1', "'\\u{9}=1"],
    ['\r', "'\\u{d}"],
    ['＝1', "'＝1"],
    ['a;=1', "a;'=1"],
    ['a=1', 'a=1'],
    ["O'Neill-Smith", "O'Neill-Smith"],
  ])('%j is written as %j', (cell, written) => {
    expect(parseCsv(renderCsv(['x'], [[cell]]))[1]).toEqual([written])
  })

  test('parses back cell by cell, and no cell starts a formula', () => {
    fc.assert(
      fc.property(rowsOf(3), (rows) => {
        const text = renderCsv(['a', 'b', 'c'], rows)
        const parsed = parseCsv(text)
        expect(parsed).toHaveLength(rows.length + 1)
        parsed.slice(1).forEach((row, r) => {
          expect(row).toHaveLength(3)
          row.forEach((cell, c) => {
            expect(cell).not.toMatch(FORMULA)
            expect(cell.replaceAll("'", '')).toBe(escapeText((rows[r] as string[])[c] as string).replaceAll("'", ''))
          })
        })
      }),
      { numRuns: 500 },
    )
  })

  test('starts no formula even if a spreadsheet cuts cells at semicolons', () => {
    fc.assert(
      fc.property(rowsOf(2), (rows) => {
        const pieces = renderCsv(['a', 'b'], rows)
          .split('\r\n')
          .flatMap((line) => line.split(';'))
        for (const piece of pieces) expect(piece).not.toMatch(FORMULA)
      }),
    )
  })
})

test('renderFields aligns values, and escapes them', () => {
  const fields = [
    ['Device', 'Anna\u202e'],
    ['Last reset', 'never'],
    ['Note', ''],
  ] as const
  expect(renderFields(fields)).toBe('Device      Anna\\u{202e}\nLast reset  never\nNote\n')
})

/** Parses RFC 4180 strictly: throws on a lone quote or a bare line break. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = []
  const row: string[] = []
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n)/y
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex
    const match = cell.exec(text)
    if (match === null) throw new Error(`no CSV at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`)
    const [, written = '', end] = match
    row.push(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written)
    if (end === '\r\n') rows.push(row.splice(0))
  }
  return rows
}
