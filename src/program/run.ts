/**
 * How both programs make and run their command lines. Only this file turns an error into an exit code.
 * - An error is a message and a hint on stderr, a line each. With --json it is one JSON document.
 * - An error writes nothing to stdout.
 * - No error repeats text that might be a secret.
 */
import { Command, CommanderError, Option } from 'commander'
import type { Context } from '../context.ts'
import { describeError, EXIT_CODES, type Refusal } from '../errors.ts'
import { escapeJson, escapeText } from '../term/escape.ts'

/**
 * Makes a program with the shared options. Help goes to stdout, errors come to `runProgram`, and shared options may
 * stand anywhere on the line.
 */
export function createProgram(name: string, description: string, version: string, context: Context): Command {
  return new Command(name)
    .description(description)
    .version(version, '-V, --version', 'print the version')
    .option('--json', 'one JSON document on stdout, errors as JSON on stderr')
    .option('-q, --quiet', 'no hints, notes or warnings')
    .option('--no-input', 'never ask; name the missing flag instead')
    .addOption(new Option('--no-color', 'no colours (also NO_COLOR)'))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: context.io.out,
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(context.io.columns, 100),
    })
    .exitOverride()
    .showSuggestionAfterError()
}

/** Runs one command line. Resolves to its exit code. Never throws. */
export async function runProgram(program: Command, argv: readonly string[], context: Context): Promise<number> {
  try {
    await program.parseAsync(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0
    const refusal = toRefusal(error, findCommand(program, argv))
    context.io.err(argv.includes('--json') ? renderJson(refusal) : renderText(refusal, program.name()))
    return EXIT_CODES[refusal.kind]
  }
}

/** Finds the command that the line names, as far as its words are known. */
function findCommand(program: Command, argv: readonly string[]): Command {
  return argv.reduce((command, word) => command.commands.find((each) => each.name() === word) ?? command, program)
}

/** Turns a thrown value into the refusal that is shown to the user. */
function toRefusal(error: unknown, command: Command): Refusal {
  return error instanceof CommanderError ? describeUsage(error, command) : describeError(error)
}

function describeUsage({ code, message }: CommanderError, command: Command): Refusal {
  const path = pathOf(command)
  const refusal = { kind: 'usage', reason: 'usage', hint: `${path} --help` } as const
  if (code === 'commander.help') {
    const words = command.commands.map((each) => each.name())
    return { ...refusal, message: `a command is missing after ${path}: ${words.join(', ')}` }
  }
  const [first = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const meant = /^\(Did you mean (.*)\)$/.exec(suggestion ?? '')?.[1]
  return { ...refusal, message: leaveOutValues(first), ...(meant !== undefined && { hint: `did you mean ${meant}` }) }
}

/**
 * Removes values from commander's messages, because a value may be a passphrase: `--passphrase=…` is not an option of
 * ours, and a passphrase can be one argument too many.
 */
function leaveOutValues(message: string): string {
  return message
    .replace(/^unknown option '(--[\w-]+|-.).*'$/su, "unknown option '$1'")
    .replace(/^(too many arguments.* but got \d+):.*$/su, '$1')
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

function renderText({ message, hint }: Refusal, name: string): string {
  return `${name}: ${escapeText(message)}\n${hint === undefined ? '' : `hint: ${escapeText(hint)}\n`}`
}

function renderJson({ kind, reason, message, hint, details }: Refusal): string {
  const error = { code: kind, exit: EXIT_CODES[kind], reason, message, hint: hint ?? null, ...details }
  return `${escapeJson(JSON.stringify({ error }))}\n`
}
