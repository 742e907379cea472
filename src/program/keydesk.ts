/**
 * The program `keydesk`: its nouns, and the options that all commands share.
 * A noun's module is loaded only if the command line names the noun: no command pays for code that it does not use.
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

/** Makes the program. It loads the nouns for which `isWanted` is true; the others have only a name and a summary. */
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

/** Runs one command line of `keydesk`. Resolves to its exit code. */
export async function main(argv: readonly string[], context: Context): Promise<number> {
  // An argument that only looks like a noun causes one needless load, and no other harm.
  const program = await openProgram(context, (noun) => argv.includes(noun))
  return runProgram(program, argv, context)
}
