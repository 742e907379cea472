/**
 * The program behind `keydesk complete`, which the completion scripts of the shells call at each TAB.
 * - The first line of its answer is `words` or `files`. Then comes one candidate a line, as the shell expects it.
 * - It never asks, never fails, and prints nothing else. If nothing is unlocked, it offers no names.
 * - It is a program of its own so that TAB feels instant: it loads no commander, no store and no cryptography.
 */
import { escapeText } from '../term/escape.ts'
import { quoteBash, readTyped } from './bash-words.ts'
import type { CommandFact } from './command-table.ts'
import { type Candidate, findNextWord, type NameKind } from './next-word.ts'
import { isInsertable, quotePowershell, readWord, SHELLS, type Shell, splitLine } from './shell-words.ts'

/** A name that the desk knows. A device also has a tag, which is always safe to type. */
export type Named = { readonly name: string; readonly tag: string | null; readonly about: string }
/** The store and the operator that the line names; null if it names none. */
export type Meant = { readonly store: string | null; readonly operator: string | null }
export type FindNames = (kind: NameKind, prefix: string, meant: Meant) => Promise<readonly Named[]>

/** `words` stand before the current word, the program first. `write` returns null if a candidate cannot be typed. */
type Line = {
  readonly words: readonly string[]
  readonly current: string
  readonly write: (each: Candidate) => string | null
}

const ABOUT_LENGTH = 80

/** `argv` holds the words after `complete`: the shell, then its line. Resolves to the text to print. */
export async function complete(
  argv: readonly string[],
  programs: readonly CommandFact[],
  findNames: FindNames,
): Promise<string> {
  const [shell, ...rest] = argv as [Shell, ...string[]]
  const line = SHELLS.includes(shell) ? readLine(shell, rest) : null
  const [name = '', ...words] = line?.words ?? []
  const program = programs.find((each) => each.name === name.replace(/^.*[\\/]|\.(cmd|exe|ps1)$/g, ''))
  if (line === null || program === undefined) return 'words\n'
  const next = findNextWord(program, words, line.current)
  if (next.kind === 'files') return 'files\n'
  const { kind } = next
  const found =
    kind === 'words' ? next.words : toCandidates(await findNames(kind, next.prefix, readMeant(words)), next.before)
  const lines = found.map(line.write).filter((each) => each !== null)
  return ['words', ...new Set(lines), ''].join('\n')
}

/** A name that is not safe on a command line is replaced by its tag. Without a tag it is left out. */
function toCandidates(names: readonly Named[], before: string): Candidate[] {
  return names.flatMap(({ name, tag, about }) => {
    if (isInsertable(name)) return [{ word: before + name, about }]
    return tag === null ? [] : [{ word: before + tag, about: name }]
  })
}

function readMeant(words: readonly string[]): Meant {
  const readValue = (option: string): string | null => {
    const at = words.lastIndexOf(option)
    const joined = words.findLast((word) => word.startsWith(`${option}=`))
    return at === -1 ? (joined?.slice(option.length + 1) ?? null) : (words[at + 1] ?? null)
  }
  return { store: readValue('--store'), operator: readValue('--operator') }
}

function readLine(shell: Shell, rest: readonly string[]): Line | null {
  if (shell === 'bash') return readBash(rest)
  // The script puts a sign before each word, which is removed here: Windows PowerShell drops empty arguments.
  const raw = shell === 'powershell' ? rest.map((word) => word.slice(1)) : rest
  const words = raw.map((word) => readWord(word, shell))
  return { words: words.slice(0, -1), current: words.at(-1) ?? '', write: (each) => writeWith(shell, each) }
}

function readBash([line = '', breaks = '']: readonly string[]): Line | null {
  const raw = splitLine(line)
  const typed = readTyped(raw.at(-1) as string, breaks)
  const words = raw.map((word) => readWord(word, 'bash'))
  const write = ({ word }: Candidate) => (typed === null ? null : quoteBash(word, typed))
  return { words: words.slice(0, -1), current: words.at(-1) as string, write }
}

/** zsh and fish quote by themselves the text that they insert. */
function writeWith(shell: Shell, { word, about }: Candidate): string {
  const shown = Array.from(escapeText(about)).slice(0, ABOUT_LENGTH).join('')
  return shell === 'powershell' ? `${quotePowershell(word)}\t${word}\t${shown || word}` : `${word}\t${shown}`
}
