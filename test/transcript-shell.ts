/**
 * How a line of a transcript is read: as a shell would, as far as transcripts need one.
 *
 *     echo 'a secret' > file                    writes a file
 *     echo $code | keydesk reset check -        gives standard input
 *     code=$(keydesk-device forgot)             keeps an answer
 *     keydesk reset check ${code:0:5} $code     puts it, or a part of it, into a later line
 *     keydesk … --json > file                   keeps stdout in a file
 *     KEYDESK_STORE=~/other keydesk status      sets a variable for one command; `export` sets it for all that follow
 */
export type Line = {
  readonly words: readonly string[]
  /** Variables of the environment that stand before the command. */
  readonly set: Readonly<Record<string, string>>
  /** The words that are echoed into the command; null when nothing is. */
  readonly echoed: readonly string[] | null
  /** Where stdout goes: a file, a variable of the transcript, or neither. */
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

/** Words like `NAME=value`, as what they set. */
export function readPairs(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]))
}

/** Words as a shell splits them: '…' and "…" quote, variables are replaced except between '…'. */
function splitWords(line: string, variables: Variables): string[] {
  const words = line.match(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g) ?? []
  const unquote = (word: string) =>
    word.replace(/'([^']*)'|"([^"]*)"|([^'"]+)/g, (_, single, double, bare) => {
      return single ?? fillVariables(double ?? bare, variables)
    })
  return words.map(unquote)
}

/** $name, and ${name:offset} or ${name:offset:length} for a part of it. */
export function fillVariables(text: string, variables: Variables): string {
  return text.replace(/\$(\w+)|\$\{(\w+):(\d+)(?::(\d+))?\}/g, (all, whole, part, offset, length) => {
    const value = variables.get(whole ?? part) ?? all
    if (part === undefined) return value
    return length === undefined ? value.slice(+offset) : value.slice(+offset, +offset + +length)
  })
}
