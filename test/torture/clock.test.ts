/**
 * Runs commands under a clock that is set back, set forward, changed to summer time, or far out of range.
 * - The results must be the table in docs/reliability.md.
 * - UPDATE_TRANSCRIPTS=1 rewrites the table. Then check each changed line: the table is a promise.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { report } from './campaign.ts'
import { CASES, ZONE } from './clock-cases.ts'
import { ClockDesk } from './clock-desk.ts'

const DOCUMENT = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url))
const TABLE = /(?<=<!-- clock -->\n)(?:.|\n)*(?=<!-- \/clock -->)/

const zone = process.env['TZ']
beforeAll(() => {
  process.env['TZ'] = ZONE
})
afterAll(() => {
  if (zone === undefined) delete process.env['TZ']
  else process.env['TZ'] = zone
})

it('a wrong clock leads to the results that docs/reliability.md lists', async () => {
  const rows: string[] = []
  for (const [what, clock, play] of CASES) {
    const said = await play(await ClockDesk.create())
    expect(said, `${what}, ${clock}`).not.toContain('exit 1 ')
    rows.push(`| ${what} | ${clock} | ${said} |\n`)
  }
  const document = readFileSync(DOCUMENT, 'utf8')
  const table = `| job | clock | what happens |\n|---|---|---|\n${rows.join('')}`
  if (process.env['UPDATE_TRANSCRIPTS']) writeFileSync(DOCUMENT, document.replace(TABLE, table))
  expect(TABLE.exec(readFileSync(DOCUMENT, 'utf8'))?.[0]).toBe(table)
  report('clock', { cases: CASES.length })
})
