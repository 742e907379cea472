/**
 * Guards the pages in which scripts and newcomers look words up:
 * - docs/exit-codes.md has every exit code and every reason of the sources, with its exit. No table has a reason twice.
 * - The glossary is in order, and has each word once.
 * - No page links to a place that is not there.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { EXIT_CODES } from '../../src/errors.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8')
const page = read('docs/exit-codes.md')

const KINDS = Object.keys(EXIT_CODES).join('|')
const REASON = "'([a-z][a-z0-9-]*)'"
/** The two forms of a refusal in the sources: the arguments of a KeydeskError, and a value. */
const FORMS = [String.raw`'(${KINDS})',\s*${REASON}`, String.raw`kind: '(${KINDS})',\s*reason: ${REASON}`]

type Said = { readonly reason: string; readonly exit: number; readonly path: string }
const said: Said[] = globSync('src/**/*.ts', { cwd: root }).flatMap((path) => {
  const text = read(path)
  return FORMS.flatMap((form) =>
    Array.from(text.matchAll(new RegExp(form, 'g')), ([, kind = '', reason = '']) => ({
      ...{ reason, exit: EXIT_CODES[kind as keyof typeof EXIT_CODES], path },
    })),
  )
})

const wordsIn = (cell: string) => Array.from(cell.matchAll(/`([a-z][a-z0-9-]*)`/g), ([, word = '']) => word)
/**
 * For each section, the reasons in the first cells of its tables, with the exits beside them. A table without exits is
 * for exit 2.
 */
const sections = page.split(/^## /m).slice(1)
const tables = sections.map((section) =>
  Array.from(section.matchAll(/^\| (`.+?) \| (.+?) \|/gm), ([, first = '', second = '']) => {
    const exits = Array.from(second.matchAll(/\b\d+\b/g), Number)
    return wordsIn(first).map((reason) => ({ reason, exits: /^[\d, ]+$/.test(second) ? exits : [2] }))
  }).flat(),
)

describe('docs/exit-codes.md', () => {
  it('has each exit code with its name', () => {
    const rows = Array.from(page.matchAll(/^\| (\d+) \| (\w+) \|/gm), ([, exit, name]) => [name, Number(exit)])
    expect(Object.fromEntries(rows)).toEqual({ ok: 0, ...EXIT_CODES })
  })

  it('has each reason that the programs give, with its exit', () => {
    expect(said.length).toBeGreaterThan(150)
    const known = tables.flat()
    // A reason that is in no table must be in the text, with its exit there: mail.md lists those of `mail send`.
    const elsewhere = [...wordsIn(page), ...wordsIn(read('docs/mail.md'))]
    const lacking = said.filter(({ reason, exit }) => {
      const rows = known.filter((row) => row.reason === reason)
      return rows.length === 0 ? !elsewhere.includes(reason) : !rows.some(({ exits }) => exits.includes(exit))
    })
    expect(lacking).toEqual([])
  })

  it('lists no reason twice in one table', () => {
    for (const table of tables) {
      const reasons = table.map(({ reason }) => reason)
      expect(reasons).toEqual([...new Set(reasons)])
    }
  })
})

describe('docs/glossary.md', () => {
  it('is in order, and has each word once', () => {
    const words = Array.from(read('docs/glossary.md').matchAll(/^\| ([^|]+) \| /gm), ([, word = '']) => word).slice(1)
    expect(words.length).toBeGreaterThan(50)
    expect(words).toEqual([...new Set(words)].sort((a, b) => a.localeCompare(b, 'en')))
  })
})

const pages = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })]
/** The anchor that code hosts make of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')
const anchorsIn = (path: string) =>
  Array.from(read(path).matchAll(/^#+ (.+)$/gm), ([, heading = '']) => anchorOf(heading))

describe('the links of a page', () => {
  it.each(pages)('lead from %s only to files and headings that exist', (path) => {
    const links = Array.from(read(path).matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g))
    const broken = links.filter(([, to = '', anchor]) => {
      const target = to === '' ? path : join(dirname(path), to)
      return !existsSync(join(root, target)) || (anchor !== undefined && !anchorsIn(target).includes(anchor))
    })
    expect(broken.map(([link]) => link)).toEqual([])
    const named = Array.from(
      read(path).matchAll(/`((?:src|test|tools|docs)\/[\w./-]+\.[a-z]+)`/g),
      ([, file = '']) => file,
    )
    expect(named.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})
