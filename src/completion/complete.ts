/**
 * `keydesk complete`, which the shells' scripts call at each TAB: the first line of the answer is `words` or `files`, then a candidate a line,
 * as the shell wants it. It never asks, never fails and says nothing else; where nothing is unlocked there are no names. It is a program of
 * its own, because it must not be felt: no commander, no store, no cryptography.
 */
import { escapeText } from '../term/escape.ts'
import { quoteBash, readTyped } from './bash-words.ts'
import type { CommandFact } from './command-table.ts'
import { type Candidate, findNextWord, type NameKind } from './next-word.ts'
import { isInsertable, quotePowershell, readWord, SHELLS, type Shell, splitLine } from './shell-words.ts'

/** A name of the desk; a device has a tag too, which is always safe to type. */
export type Named = { readonly name: string; readonly tag: string | null; readonly about: string }
/** The store and operator that the line names. */
export type Meant = { readonly store: string | null; readonly operator: string | null }
export type FindNames = (kind: NameKind, prefix: string, meant: Meant) => Promise<readonly Named[]>

/** The words before the one that is typed, the program first; that one as it stands; and how it comes out of a candidate. */
type Line = {
  readonly words: readonly string[]
  readonly current: string
  readonly write: (each: Candidate) => string | null
}

const ABOUT_LENGTH = 80

/** `argv` is what follows `complete`: the shell, and its line. Resolves to what is printed. */
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

/** A name that may not stand on a line is typed by its tag; without one it is left out. */
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
  // No word is passed as an empty argument there: the older PowerShell loses those.
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

/** zsh and fish quote by themselves what they insert. */
function writeWith(shell: Shell, { word, about }: Candidate): string {
  const shown = Array.from(escapeText(about)).slice(0, ABOUT_LENGTH).join('')
  return shell === 'powershell' ? `${quotePowershell(word)}\t${word}\t${shown || word}` : `${word}\t${shown}`
}
