/**
 * Reads one line of a transcript as a shell does, with only the syntax that transcripts need:
 *
 *     echo 'a secret' > file                    writes a file
 *     echo $code | keydesk reset check -        passes standard input
 *     code=$(keydesk-device forgot)             keeps an answer in a variable
 *     keydesk reset check ${code:0:5} $code     inserts the variable, or a part of it
 *     keydesk … --json > file                   writes stdout to a file
 *     KEYDESK_STORE=~/other keydesk status      sets a variable for one command; `export` sets it for all later ones
 */
export type Line = {
  readonly words: readonly string[]
  /** Environment variables that are set before the command: `NAME=value command`. */
  readonly set: Readonly<Record<string, string>>
  /** The words that `echo` pipes into the command; null without a pipe. */
  readonly echoed: readonly string[] | null
  /** The file or the variable of the transcript that gets stdout; both are null if stdout is shown. */
  readonly file: string | null
  readonly variable: string | null
}
type Variables = ReadonlyMap<string, string>

export function readLine(text: string, variables: Variables): Line {
  const assignment = /^(\w+)=\$\((.*)\)$/.exec(text)
  const [first, second] = (assignment?.[2] ?? text).split(' | ') as [string, string?]
  const words = splitWords(second ?? first, variables)
  const echoed = second === undefined ? null : splitWords(first, variables).slice(1)
  const target = words.indexOf('>')
  const file = target === -1 ? null : (words[target + 1] as string)
  const typed = target === -1 ? words : words.slice(0, target)
  const command = typed.findIndex((word) => !/^[A-Z_]+=/.test(word))
  const set = readPairs(typed.slice(0, command))
  return { words: typed.slice(command), set, echoed, file, variable: assignment?.[1] ?? null }
}

/** Splits words like `NAME=value` into names and values. */
export function readPairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
}

/** Splits a line into words as a shell does. '…' and "…" quote; variables are replaced except inside '…'. */
export function splitWords(line: string, variables: Variables = new Map()): string[] {
  const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []
  const unquote = (word: string) =>
    word.replace(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_, single, double, bare) => {
      return single ?? fillVariables(double ?? bare, variables)
    })
  return words.map(unquote)
}

/** Replaces $name by its value, and ${name:offset} or ${name:offset:length} by a part of the value. */
export function fillVariables(text: string, variables: Variables): string {
  return text.replace(/\$(\w+)|\$\{(\w+):(\d+)(?::(\d+))?\}/g, (all, whole, part, offset, length) => {
    const value = variables.get(whole ?? part) ?? all
    if (part === undefined) return value
    return length === undefined ? value.slice(+offset) : value.slice(+offset, +offset + +length)
  })
}
