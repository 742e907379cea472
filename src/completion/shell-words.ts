/**
 * Words as they stand on a shell's line, with their quotes, and what they mean; nothing is ever evaluated. A name goes onto a line only
 * where every shell takes it for one word and for nothing else: what cannot be seen, and what looks like an option, stays out.
 */
import { escapeText } from '../term/escape.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

const LONGEST = 200

/** Whether a name of the desk may be put onto a command line at all. */
export function isInsertable(name: string): boolean {
  return (
    name !== '' &&
    name.length <= LONGEST &&
    !name.startsWith('-') &&
    !/[\n\r\t]/.test(name) &&
    escapeText(name) === name
  )
}

/** The words of a line of bash, raw, up to the cursor; the last one is being typed, and may be empty. */
export function splitLine(line: string): string[] {
  const words = [...line.matchAll(/(?:\\.?|'[^']*'?|"(?:\\.|[^"\\])*"?|[^\s'"\\])+/gs)]
  const last = words.at(-1)
  const open = last !== undefined && last.index + last[0].length === line.length
  return [...words.map(([word]) => word), ...(open ? [] : [''])]
}

/** What a raw word means to the shell, as far as it can be known without running anything. */
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

/** The word as PowerShell takes it for itself: its curly quotes end a string too. */
export function quotePowershell(word: string): string {
  return /^[\p{L}\p{N}_./-][\p{L}\p{N}_./:=+-]*$/u.test(word)
    ? word
    : `'${word.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
}
