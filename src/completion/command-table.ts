/**
 * The commands of a program as plain data, read from the same commander tree as the help.
 * The build writes the man pages from this data, and bakes it into the program that answers TAB. So both always agree
 * with the help.
 */
import type { Argument, Command, Option } from 'commander'

export type OptionFact = {
  /** As the help shows it: `-y, --yes`. */
  readonly flags: string
  /** The long name `--yes`, then the short name `-y` if the option has one. */
  readonly names: readonly string[]
  readonly description: string
  /** The name of the option's value, as the help shows it; null for a switch. */
  readonly value: string | null
  /** Whether the value may be left out. */
  readonly optional: boolean
  readonly mandatory: boolean
  readonly choices: readonly string[]
  readonly fallback: string | null
}
export type ArgumentFact = {
  readonly name: string
  readonly description: string
  readonly required: boolean
  readonly variadic: boolean
  readonly choices: readonly string[]
}
export type CommandFact = {
  readonly name: string
  readonly description: string
  readonly options: readonly OptionFact[]
  readonly arguments: readonly ArgumentFact[]
  readonly commands: readonly CommandFact[]
}

export function describeCommand(command: Command): CommandFact {
  const help = command.createHelp()
  return {
    name: command.name(),
    description: command.description(),
    options: help.visibleOptions(command).map(describeOption),
    arguments: command.registeredArguments.map(describeArgument),
    commands: command.commands.map(describeCommand),
  }
}

function describeOption(option: Option): OptionFact {
  const { flags, long, short, description, mandatory, defaultValue } = option
  return {
    flags,
    names: [long, short].filter((name) => name !== undefined && name !== null),
    description,
    value: /[<[]([^\]>]+)[\]>]/.exec(flags)?.[1] ?? null,
    optional: option.optional,
    mandatory,
    choices: option.argChoices ?? [],
    fallback: typeof defaultValue === 'string' ? defaultValue : null,
  }
}

function describeArgument(argument: Argument): ArgumentFact {
  const { description, required, variadic } = argument
  return { name: argument.name(), description, required, variadic, choices: argument.argChoices ?? [] }
}
