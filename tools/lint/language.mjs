/**
 * The rules for plain English that a program can check:
 * - words: no word of RIDDLES.
 * - subject: no sentence begins with "Who" or "What" and ends without a question mark.
 * - length: a sentence has at most 30 words.
 * - width: a line of Markdown has at most 120 columns. Tables, code blocks and links may be wider.
 * It reads each string of src/ and bin/, each comment of src/, bin/, tools/ and test/, and each document.
 * test/language-exceptions.txt lists the faults of earlier texts; it may only shrink.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { readSourceTexts } from './source-text.mjs'

const RIDDLES =
  /\b(mend|mends|mended|mending|lest|anew|whoever|whom|save for|be it|in force|good once|does without|thereby)\b/i
const LONGEST_SENTENCE = 30
const WIDEST_LINE = 120
const KEY_LENGTH = 60

const EXCEPTIONS = 'test/language-exceptions.txt'
const CODE = '{src,bin,test}/**/*.ts'
const TOOLS = 'tools/**/*.{mjs,cjs}'
const DOCUMENTS = ['*.md', 'docs/**/*.md']
/** Lists of words, and the file that has to name the words that are forbidden. */
const LEFT_OUT = ['src/crypto/words.ts', 'src/term/alphabets.ts', 'tools/lint/language.mjs']

/** Each fault as a line, without those that are excepted; and each exception that no fault needs. */
export function findLanguageFaults(root) {
  const faults = judgeAll(root)
  const excepted = readExceptions(root)
  const keys = new Set(faults.map(({ key }) => key))
  return [
    ...faults.filter(({ key }) => !excepted.includes(key)).map(({ key, line }) => `${key} (line ${line})`),
    ...excepted
      .filter((key) => !keys.has(key))
      .map((key) => `${EXCEPTIONS}: nothing needs "${key}" any more: remove it`),
  ]
}

/** @public For the test. */
export function readExceptions(root) {
  const path = join(root, EXCEPTIONS)
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
    : []
}

function judgeAll(root) {
  const list = (patterns) =>
    globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', 'tools/runtime/**'] })
      .map((path) => path.split(sep).join('/'))
      .filter((path) => !LEFT_OUT.includes(path))
      .sort()
  const read = (path) => readFileSync(join(root, path), 'utf8')
  return [
    ...list([CODE, TOOLS]).flatMap((path) => judgeSource(path, read(path))),
    ...list(DOCUMENTS).flatMap((path) => judgeDocument(path, read(path))),
  ]
}

/**
 * Comments, and the strings that a user may read: those of two words or more in src/ and bin/.
 * @public For the test.
 */
export function judgeSource(path, source) {
  const isShown = ({ kind, text }) =>
    kind === 'comment' || (/^(src|bin)\//.test(path) && /[a-z].*\s.*[a-z]/is.test(text))
  return readSourceTexts(source)
    .filter(isShown)
    .flatMap(({ line, text }) => judgeText(path, line, splitBlocks(text)))
}

/** Blocks of prose: paragraphs and list items. An indented line of an example in a comment is a block of its own. */
const splitBlocks = (text) =>
  text.split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?= {2,})/).map((block) => block.replaceAll('\n', ' '))

/** @public For the test. */
export function judgeDocument(path, source) {
  const lines = readLines(source)
  const wide = lines.filter(({ kind, text }) => kind === 'prose' && text.length > WIDEST_LINE && !text.includes(']('))
  return [
    ...wide.map(({ line, text }) => faultOf('width', path, line, text)),
    ...joinBlocks(lines).flatMap(({ line, text }) => judgeText(path, line, [text])),
    ...lines.filter(({ kind }) => kind === 'row').flatMap(({ line, text }) => judgeCells(path, line, text)),
  ]
}

/** The lines of a document: `prose`, `row` of a table, or `other` (code, headings, HTML, blank lines). */
function readLines(source) {
  let isCode = false
  return source.split('\n').map((text, i) => {
    const isFence = /^\s*```/.test(text)
    if (isFence) isCode = !isCode
    const isOther = isCode || isFence || /^\s*(#|<|$|\[[^\]]+\]:)/.test(text)
    return { line: i + 1, text, kind: isOther ? 'other' : /^\s*\|/.test(text) ? 'row' : 'prose' }
  })
}

/** Lines of prose that follow each other are one block. A list item begins another. */
function joinBlocks(lines) {
  const blocks = []
  for (const [i, { kind, line, text }] of lines.entries()) {
    if (kind !== 'prose') continue
    const goesOn = lines[i - 1]?.kind === 'prose' && !/^\s*([-*]|\d+\.) /.test(text)
    if (goesOn) blocks.at(-1).text += ` ${text.trim()}`
    else blocks.push({ line, text: text.trim() })
  }
  return blocks
}

/** A cell of a table is a phrase: only its words are judged. */
const judgeCells = (path, line, row) => (RIDDLES.test(plain(row)) ? [faultOf('words', path, line, row)] : [])

function judgeText(path, line, blocks) {
  return blocks.flatMap((block) =>
    splitSentences(plain(block)).flatMap((sentence) => judgeSentence(path, line, sentence)),
  )
}

function judgeSentence(path, line, sentence) {
  const faults = []
  if (RIDDLES.test(sentence)) faults.push(faultOf('words', path, line, sentence))
  if (/^(Who|What)\b/.test(sentence) && !/\?[)"”’]*$/.test(sentence))
    faults.push(faultOf('subject', path, line, sentence))
  if (sentence.split(/\s+/).filter((word) => /\w/.test(word)).length > LONGEST_SENTENCE)
    faults.push(faultOf('length', path, line, sentence))
  return faults
}

/** Code spans become one word, and links their text. */
const plain = (text) =>
  text
    .replace(/`[^`]*`/g, 'CODE')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/^\s*(?:[-*>]|\d+\.)\s+/, '')
    .replace(/[*_]{2}/g, '')
    .trim()

const splitSentences = (text) => text.split(/(?<=[.!?:][)"”’]?)\s+/).filter((sentence) => sentence !== '')

const faultOf = (rule, path, line, text) => ({
  line,
  key: `${rule} ${path}: ${text.replace(/\s+/g, ' ').trim().slice(0, KEY_LENGTH).trim()}`,
})
