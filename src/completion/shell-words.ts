/**
 * Reads and quotes words of a shell's command line. Nothing is ever evaluated.
 * A name is offered only if every shell reads it as exactly one word. A name with invisible characters is left out, and
 * so is a name that looks like an option.
 */
import { escapeText } from '../term/escape.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

const LONGEST = 200

/** Whether a name from the desk may stand on a command line at all. */
export function isInsertable(name: string): boolean {
  return (
    name !== '' &&
    name.length <= LONGEST &&
    !name.startsWith('-') &&
    !/[\n\r\t]/.test(name) &&
    escapeText(name) === name
  )
}

/** Splits a line of bash, up to the cursor, into raw words. The last word is being typed and may be empty. */
export function splitLine(line: string): string[] {
  const words = [...line.matchAll(/(?:\\.?|'[^']*'?|"(?:\\.|[^"\\])*"?|[^\s'"\\])+/gs)]
  const last = words.at(-1)
  const open = last !== undefined && last.index + last[0].length === line.length
  return [...words.map(([word]) => word), ...(open ? [] : [''])]
}

/** Returns the value that a raw word has for the shell, as far as it is known without running anything. */
export function readWord(raw: string, shell: Shell): string {
  const sign = shell === 'powershell' ? '`' : '\\'
  let text = ''
  let quote = ''
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i] as string
    if (character === sign && quote !== "'") text += raw[++i] ?? ''
    else if (character === quote) quote = ''
    else if (quote === '' && /['"]/.test(character)) quote = character
    else text += character
  }
  return text
}

/** Quotes a word for PowerShell. Curly quotes are doubled as well, because they end a string there too. */
export function quotePowershell(word: string): string {
  return /^[\p{L}\p{N}_./-][\p{L}\p{N}_./:=+-]*$/u.test(word)
    ? word
    : `'${word.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}
