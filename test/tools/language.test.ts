/** Guards the check for plain English: each rule finds its fault, leaves plain text alone, and the exceptions only shrink. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const load = (name: string) => import(new URL(`../../tools/lint/${name}.mjs`, import.meta.url).href)
const { findLanguageFaults, judgeDocument, judgeSource, readExceptions } = await load('language')
const { readSourceTexts } = await load('source-text')

type Fault = { readonly key: string; readonly line: number }
const rulesOf = (faults: Fault[]) => faults.map(({ key, line }) => `${key.split(' ')[0]} ${line}`)
const inSource = (code: string, path = 'src/a.ts') => rulesOf(judgeSource(path, code))
const inDocument = (text: string) => rulesOf(judgeDocument('docs/a.md', text))
const words = (count: number) => `${'word '.repeat(count - 1)}word.`

/** Lower it whenever exceptions go. It must never rise. */
const MOST_EXCEPTIONS = 712

describe('sources', () => {
  test.each([
    ['a riddle in a message', "throw new Error('mend the disk')", ['words 1']],
    ['a riddle in a template', ['const hint = `mend $', '{path} first`'].join(''), ['words 1']],
    ['a riddle in a comment', 'const a = 1\n// It is done anew.', ['words 2']],
    ['a riddle in a docstring', '/** Whoever asks is told. */', ['words 1']],
    ['a sentence without a subject', '/** Reads. What is read is kept. */', ['subject 1']],
    ['a long sentence over two comment lines', `// ${words(20).slice(0, -1)}\n// ${words(20)}`, ['length 1']],
    ['a string inside of a template', ['const a = `x $', "{b('mend it now')} y`"].join(''), ['words 1']],
    ['a string behind a regular expression', "const a = /'`/.test(b) ? 'mend it now' : ''", ['words 1']],
  ])('finds %s', (_, code, faults) => expect(inSource(code)).toEqual(faults))

  test.each([
    ['a question', "const ask = 'Who is calling?'"],
    ['a sentence of thirty words', `// ${words(30)}`],
    ['two sentences of thirty words', `// ${words(30)}\n// ${words(30)}`],
    ['code in a comment', '// `mend` is the name of a field.'],
    ['names in code', 'const mend = lest + anew'],
    ['a string of one word', "const name = 'anew'"],
    ['an address in a string', "const url = 'https://example.ch/anew'"],
  ])('leaves %s alone', (_, code) => expect(inSource(code)).toEqual([]))

  test('reads the comments of a test, and not its strings', () => {
    const code = "// It is done anew.\nexpect(text).toBe('mend the disk')"
    expect(inSource(code, 'test/a.test.ts')).toEqual(['words 1'])
  })

  test('reads each comment and each string once, with its line', () => {
    const code = "/**\n * One.\n * Two.\n */\nconst a = 'x' // three\n// four\n// five\nconst b = `six $" + "{'seven'}`"
    expect(readSourceTexts(code)).toMatchObject([
      { kind: 'comment', line: 1, text: 'One.\nTwo.' },
      { kind: 'string', line: 5, text: 'x' },
      { kind: 'comment', line: 5, text: 'three' },
      { kind: 'comment', line: 6, text: 'four\nfive' },
      { kind: 'string', line: 8, text: 'six …' },
      { kind: 'string', line: 8, text: 'seven' },
    ])
  })
})

describe('documents', () => {
  test.each([
    ['a riddle', 'One line.\n\nIt is in force.', ['words 3']],
    ['a riddle in a cell', '| a | good once |', ['words 1']],
    ['a sentence without a subject', 'What is read is kept.', ['subject 1']],
    ['a sentence that a line break divides', `${words(20).slice(0, -1)}\n${words(20)}`, ['length 1']],
    ['a wide line', `${'long words '.repeat(11)}`, ['width 1']],
    ['each item of a list by itself', '- It is so.\n- What is read is kept.', ['subject 2']],
  ])('finds %s', (_, text, faults) => expect(inDocument(text)).toEqual(faults))

  test.each([
    ['a code block', '```\nmend lest anew\n```'],
    ['a wide table', `| ${'cell '.repeat(40)} |`],
    ['a wide link', `[text](https://example.ch/${'x'.repeat(120)})`],
    ['a code span', 'The field `mend` is kept.'],
  ])('leaves %s alone', (_, text) => expect(inDocument(text)).toEqual([]))
})

describe('exceptions', () => {
  const findIn = (files: Readonly<Record<string, string>>): string[] => {
    const home = mkdtempSync(join(tmpdir(), 'keydesk-language-'))
    try {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(home, path)), { recursive: true })
        writeFileSync(join(home, path), text)
      }
      return findLanguageFaults(home)
    } finally {
      rmSync(home, { recursive: true })
    }
  }
  const SOURCE = { 'src/a.ts': "const hint = 'mend the disk'\n" }

  test('a fault is reported with its place', () => {
    expect(findIn(SOURCE)).toEqual(['words src/a.ts: mend the disk (line 1)'])
  })

  test('an excepted fault is not reported', () => {
    expect(findIn({ ...SOURCE, 'test/language-exceptions.txt': 'words src/a.ts: mend the disk\n' })).toEqual([])
  })

  test('an exception that nothing needs is reported', () => {
    expect(findIn({ 'test/language-exceptions.txt': 'words src/a.ts: mend the disk\n' })).toEqual([
      'test/language-exceptions.txt: nothing needs "words src/a.ts: mend the disk" any more: remove it',
    ])
  })

  test('the texts of this project keep the rules', () => expect(findLanguageFaults(root)).toEqual([]))

  test('there are no more of them than before', () => {
    expect(readExceptions(root).length).toBeLessThanOrEqual(MOST_EXCEPTIONS)
  })
})
