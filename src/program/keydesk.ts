/**
 * The program `keydesk`: its nouns, and what every command shares. A noun's module is loaded only when the command line
 * names it, so that a command costs what it uses.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { VERSION } from '../version.ts'
import { NOUNS } from './nouns.ts'
import { createProgram, runProgram } from './run.ts'

const DESCRIPTION = 'The helpdesk’s half of a reset by telephone: a code in, a code out, on record.'
const FIRST_STEPS = `
First steps:
  keydesk init --org "Röntgen AG" --operator anna
  keydesk unlock
  keydesk device invite --user zoe@example.ch --platform ios

A call, guided or by single commands:
  keydesk call
  keydesk reset confirm NBAJN-00737-8YWXP --verified-by callback`

/** The program with those of its nouns that are wanted; the others have a name and a summary. */
export async function openProgram(context: Context, isWanted: (noun: string) => boolean): Promise<Command> {
  const program = createProgram('keydesk', DESCRIPTION, VERSION, context)
    .option('--store <path>', 'the store to use (KEYDESK_STORE)')
    .option('--operator <name>', 'the operator to act as (KEYDESK_OPERATOR)')
    .option('--passphrase-file <file>', 'read the passphrase from a file, - is stdin (KEYDESK_PASSPHRASE_FILE)')
    .addHelpText('after', FIRST_STEPS)
  for (const { name, group, summary, load } of NOUNS) {
    const noun = program.command(name).helpGroup(group).description(summary)
    if (isWanted(name)) (await load())(noun, context)
  }
  return program
}

/** Runs one command line of `keydesk`; resolves to its exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  // A word of the command line that only looks like a noun costs a load, and nothing else.
  const program = await openProgram(context, (noun) => argv.includes(noun))
  return runProgram(program, argv, context)
}
