/**
 * Quotes a completion for bash's readline.
 * readline replaces only the text after the last of its word breaks (`@`, `:`, `=`), or after an open quote. It inserts
 * our text unchanged, so we quote it here.
 */
type Typed = {
  /** The part of the word that readline does not replace. */
  readonly kept: string
  /** The quote that is still open, or empty. */
  readonly quote: '' | '"' | "'"
}

/** Reads the word as typed so far. Null if its quoting is of a kind that we cannot continue. */
export function readTyped(raw: string, breaks: string): Typed | null {
  const [first = ''] = raw
  if (first === '"' || first === "'") return raw.indexOf(first, 1) === -1 ? { kept: first, quote: first } : null
  if (/(^|[^\\])(\\\\)*['"`$]/.test(raw)) return null
  let end = 0
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '\\') i++
    // readline has a completion of its own that begins with `@`, so it replaces this sign too.
    else if (raw[i] === '@' && breaks.includes('@')) end = i
    else if (breaks.includes(raw[i] as string)) end = i + 1
  }
  return { kept: raw.slice(0, end), quote: '' }
}

/** Returns the text for readline to insert. Null if it cannot continue the text that is typed already. */
export function quoteBash(word: string, { kept, quote }: Typed): string | null {
  // Inside double quotes, "!" means bash's history, and a backslash does not prevent that.
  if (quote === '"') return /["$`\\!]/.test(word) ? null : word
  if (quote === "'") return word.includes("'") ? null : word
  const quoted = word.replace(/[^\p{L}\p{N}\p{M}_@%+=:,./-]/gu, '\\$&')
  return quoted.startsWith(kept) ? quoted.slice(kept.length) : null
}
