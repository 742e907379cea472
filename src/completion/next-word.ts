/**
 * Finds the candidates for the next word of a command line. It is pure and reads only the table of commands.
 * It never completes codes, PINs or secrets.
 */
import type { ArgumentFact, CommandFact, OptionFact } from './command-table.ts'

export const NAME_KINDS = ['device', 'user', 'operator'] as const
/** The kinds of names that the desk knows. */
export type NameKind = (typeof NAME_KINDS)[number]
export type Candidate = { readonly word: string; readonly about: string }
/** `before` is a part of the same word that is typed already: `--user=`. */
export type NextWord =
  | { readonly kind: 'words'; readonly words: readonly Candidate[] }
  | { readonly kind: 'files' | NameKind; readonly before: string; readonly prefix: string }

type Place = { readonly path: readonly CommandFact[]; readonly count: number; readonly open: OptionFact | null }
const NOTHING: NextWord = { kind: 'words', words: [] }
const FILES = /^(file|path|dir|checkpoint|request|welcome)$/

/** `words` stand before the current word, without the program. `current` is the current word as typed so far. */
export function findNextWord(program: CommandFact, words: readonly string[], current: string): NextWord {
  const isHelp = words[0] === 'help'
  const place = walk(program, isHelp ? words.slice(1) : words)
  const command = place.path.at(-1) as CommandFact
  if (place.open !== null) return valuesOf(place.open, '', current)
  if (isHelp) return startingWith(current, listCommands(command))
  const [, name, prefix] = /^(--[\w-]+)=(.*)$/su.exec(current) ?? []
  if (name !== undefined) return valuesAfterSign(place, name, prefix as string)
  if (current.startsWith('-')) return startingWith(current, listOptions(place.path, words))
  // An unknown word stands where a command belongs, so there is nothing to offer after it.
  if (command.commands.length > 0) return place.count > 0 ? NOTHING : startingWith(current, listCommands(command))
  const argument = command.arguments[Math.min(place.count, command.arguments.length - 1)]
  const past = argument === undefined || (place.count >= command.arguments.length && !argument.variadic)
  return past ? NOTHING : valuesOfArgument(place.path, argument, current)
}

/** Follows the words to a command. Counts its arguments so far, and finds the option whose value comes next. */
function walk(program: CommandFact, words: readonly string[]): Place {
  const path = [program]
  let count = 0
  let open: OptionFact | null = null
  for (const word of words) {
    if (open !== null) open = null
    else if (word.startsWith('-')) open = word.includes('=') ? null : takesValue(path, word)
    else {
      const next = path.at(-1)?.commands.find(({ name }) => name === word)
      if (next === undefined) count++
      else path.push(next)
    }
  }
  return { path, count, open }
}

const optionsOf = (path: readonly CommandFact[]): OptionFact[] => path.flatMap(({ options }) => options)
const findOption = (path: readonly CommandFact[], name: string) =>
  optionsOf(path).find(({ names }) => names.includes(name))

function takesValue(path: readonly CommandFact[], word: string): OptionFact | null {
  const option = findOption(path, word)
  return option === undefined || option.value === null || option.optional ? null : option
}

function valuesAfterSign({ path }: Place, name: string, prefix: string): NextWord {
  const option = findOption(path, name)
  return option === undefined || option.value === null ? NOTHING : valuesOf(option, `${name}=`, prefix)
}

function valuesOf({ names, value, choices }: OptionFact, before: string, prefix: string): NextWord {
  if (choices.length > 0)
    return startingWith(
      before + prefix,
      choices.map((word) => ({ word: before + word, about: '' })),
    )
  const kind = kindOfOption(names[0] as string, value as string)
  return kind === null ? NOTHING : { kind, before, prefix }
}

function kindOfOption(name: string, value: string): 'files' | NameKind | null {
  if (FILES.test(value)) return 'files'
  if (value === 'device') return 'device'
  if (name === '--user') return 'user'
  return name === '--operator' || value === 'operator' ? 'operator' : null
}

function valuesOfArgument(path: readonly CommandFact[], argument: ArgumentFact, prefix: string): NextWord {
  if (argument.choices.length > 0)
    return startingWith(
      prefix,
      argument.choices.map((word) => ({ word, about: '' })),
    )
  const kind = kindOfArgument(
    path.slice(1).map(({ name }) => name),
    argument.name,
  )
  return kind === null ? NOTHING : { kind, before: '', prefix }
}

/** A `name` belongs to the noun that it stands under (user or operator). Under `add` it is a new name. */
function kindOfArgument([noun, verb]: readonly string[], name: string): 'files' | NameKind | null {
  if (FILES.test(name)) return 'files'
  if (name === 'device' || name === 'user') return name
  return name === 'name' && verb !== 'add' && (noun === 'user' || noun === 'operator') ? noun : null
}

const listCommands = ({ commands }: CommandFact): Candidate[] =>
  commands.map(({ name, description }) => ({ word: name, about: description }))

/** Offers the long names, because they explain themselves. Options that stand on the line already are left out. */
function listOptions(path: readonly CommandFact[], words: readonly string[]): Candidate[] {
  const fresh = optionsOf(path).filter(({ names }) => !names.some((name) => words.includes(name)))
  return fresh
    .map(({ names, description }) => ({ word: names[0] as string, about: description }))
    .filter(({ word }, i, all) => all.findIndex((other) => other.word === word) === i)
}

const startingWith = (prefix: string, words: readonly Candidate[]): NextWord => ({
  kind: 'words',
  words: words.filter(({ word }) => word.startsWith(prefix)),
})
