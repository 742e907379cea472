/**
 * What bash's readline is given to put in the place of the word. It replaces only what comes after the last of its own word breaks (`@`, `:`,
 * `=`), or after an open quote, and puts it there as it is: so the quoting is done here.
 */
type Typed = {
  /** What readline leaves as it stands. */
  readonly kept: string
  /** The quote that is open, or none. */
  readonly quote: '' | '"' | "'"
}

/** null where the word is quoted in a way that is not gone on with. */
export function readTyped(raw: string, breaks: string): Typed | null {
  const [first = ''] = raw
  if (first === '"' || first === "'") return raw.indexOf(first, 1) === -1 ? { kept: first, quote: first } : null
  if (/(^|[^\\])(\\\\)*['"`$]/.test(raw)) return null
  let end = 0
  for (let i = 0; i < raw.length; i++) {
    if (raw[i] === '\\') i++
    // Its own kind of completion begins with that sign, so readline replaces it too.
    else if (raw[i] === '@' && breaks.includes('@')) end = i
    else if (breaks.includes(raw[i] as string)) end = i + 1
  }
  return { kept: raw.slice(0, end), quote: '' }
}

/** What readline inserts for the whole word; null where it cannot be said inside what is typed already. */
export function quoteBash(word: string, { kept, quote }: Typed): string | null {
  // "!" is history's inside of double quotes, and no backslash takes it away.
  if (quote === '"') return /["$`\\!]/.test(word) ? null : word
  if (quote === "'") return word.includes("'") ? null : word
  const quoted = word.replace(/[^\p{L}\p{N}\p{M}_@%+=:,./-]/gu, '\\$&')
  return quoted.startsWith(kept) ? quoted.slice(kept.length) : null
}
