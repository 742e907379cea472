/**
 * Reads the texts of a source file: its comments and its strings.
 * - A comment of several lines, or of `//` lines that follow each other, is one text.
 * - A template is one text with `…` for each placeholder. Strings inside of a placeholder are texts of their own.
 */

const TOKEN = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[\w$]+|\s+|[\s\S]/y
const REGEX = /\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/\w*/y
/** A template up to its next placeholder, or to its end. */
const TEMPLATE_PART = /((?:\\[\s\S]|\$(?!\{)|[^\\`$])*)(\$\{|`)/y
/** A slash behind these begins a regular expression. Elsewhere it divides. */
const BEFORE_VALUE = /^(?:[([{,;=:!&|?+\-*%<>~^]|return|case|typeof|in|of)$/

/** @returns {{ kind: 'comment' | 'string', line: number, text: string }[]} In the order in which they begin. */
export function readSourceTexts(source) {
  const scan = { source, at: 0, last: '{', texts: [], templates: [] }
  while (scan.at < source.length) readToken(scan)
  return joinLines(source, scan.texts).map(({ kind, start, text }) => ({ kind, line: countLines(source, start), text }))
}

function take(scan, pattern) {
  pattern.lastIndex = scan.at
  const found = pattern.exec(scan.source)
  scan.at += found?.[0].length ?? 0
  return found
}

function readToken(scan) {
  const { at: start, last, texts, templates } = scan
  const regex = BEFORE_VALUE.test(last) ? take(scan, REGEX) : null
  const token = regex === null ? take(scan, TOKEN)[0] : 'regex'
  if (/^\s/.test(token)) return
  if (/^\/[/*]/.test(token)) {
    texts.push({ kind: 'comment', start, isLine: token[1] === '/', text: stripMarks(token) })
    return
  }
  scan.last = token
  if (/^['"]./.test(token)) texts.push({ kind: 'string', start, text: unescapeText(token.slice(1, -1)) })
  if (token === '`') {
    const template = { kind: 'string', start, text: '', depth: 0 }
    texts.push(template)
    templates.push(template)
    readTemplate(scan, template)
  }
  readBrace(scan, token)
}

/** Counts the braces in a placeholder: the one that closes it leads back into the template. */
function readBrace(scan, token) {
  const template = scan.templates.at(-1)
  if (template === undefined) return
  if (token === '{') template.depth++
  if (token === '}' && template.depth-- === 0) {
    template.depth = 0
    readTemplate(scan, template)
  }
}

function readTemplate(scan, template) {
  const [, text, end] = take(scan, TEMPLATE_PART)
  template.text += unescapeText(text) + (end === '`' ? '' : '…')
  if (end === '`') scan.templates.pop()
}

const stripMarks = (comment) =>
  comment
    .replace(/^\/[/*]+|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, '')
    .trim()

const unescapeText = (text) => text.replace(/\\n/g, '\n').replace(/\\(.)/g, '$1')
const countLines = (source, end) => source.slice(0, end).split('\n').length

/** Joins `//` comments that follow each other on lines of their own. */
function joinLines(source, texts) {
  const joined = []
  for (const text of texts) {
    const lineStart = source.lastIndexOf('\n', text.start) + 1
    const isWhole = text.isLine === true && source.slice(lineStart, text.start).trim() === ''
    const before = joined.at(-1)
    if (isWhole && before?.nextLine === lineStart) before.text += `\n${text.text}`
    else joined.push({ ...text })
    if (isWhole) joined.at(-1).nextLine = source.indexOf('\n', text.start) + 1
  }
  return joined
}
