/** Reading CSV files of different programs. Each row has the line number that an editor shows. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCsv } from '../../src/import/csv.ts'

type Read = { readonly heading: readonly string[]; readonly rows: [line: number, cells: readonly string[]][] }

async function read(text: string | Uint8Array): Promise<Read> {
  const found = { heading: [] as readonly string[], rows: [] as Read['rows'] }
  await readCsv(typeof text === 'string' ? Buffer.from(text) : text, {
    heading: (cells) => {
      found.heading = cells
    },
    row: (cells, line) => found.rows.push([line, cells]),
  })
  return found
}

const cell = fc.string({ unit: fc.constantFrom('a', 'ë', 'ł', ' ', ',', ';', '\t', '"', '\n', '\r\n', "'", '=') })
const write = (text: string) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

test('any cells, quoted if necessary, are read back with the line on which each row begins', async () => {
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 5 })
  const breaks = fc.constantFrom('\n', '\r\n')
  await fc.assert(
    fc.asyncProperty(rows, breaks, fc.constantFrom(',', ';', '\t'), fc.boolean(), async (cells, end, by, mark) => {
      const lines = [['user', 'name'], ...cells.map(([a, b]) => [`x${a}`, b as string])]
      const text = lines.map((line) => line.map((each) => write(each as string)).join(by)).join(end)
      const { heading, rows: found } = await read(`${mark ? '\ufeff' : ''}${text}`)
      expect(heading).toEqual(['user', 'name'])
      expect(found.map(([, each]) => each)).toEqual(lines.slice(1))
      const breaksIn = (line: readonly unknown[]) => line.join('').split(/\r\n|\n/).length - 1
      let next = 2
      for (const [i, [line]] of found.entries()) {
        expect(line).toBe(next)
        next += 1 + breaksIn(lines[i + 1] as string[])
      }
    }),
    { numRuns: 500 },
  )
})

test('empty lines are skipped but counted, and a line "sep=" sets the separator', async () => {
  expect((await read('a;b\n\n\n1;2\r\n\r\n3;4\r5;6')).rows).toEqual([
    [4, ['1', '2']],
    [6, ['3', '4']],
    [7, ['5', '6']],
  ])
  expect(await read('sep=;\r\na,b;c\r\n1,2;3\r\n')).toEqual({ heading: ['a,b', 'c'], rows: [[3, ['1,2', '3']]] })
})

test('a quote inside an unquoted cell is kept', async () => {
  expect((await read('user,name\nzoe,10" tablet\nmax,"5"" phone"\n')).rows).toEqual([
    [2, ['zoe', '10" tablet']],
    [3, ['max', '5" phone']],
  ])
})
