/**
 * `keydesk completion`: prints the script that makes a shell run `keydesk complete` at each TAB. The scripts are
 * separate files, so that linters for each shell can read them.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, type Command } from 'commander'
import { SHELLS, type Shell } from '../completion/shell-words.ts'
import type { GlobalOptions } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { printAnswer } from '../term/answer.ts'

const SUFFIXES = { bash: 'bash', zsh: 'zsh', fish: 'fish', powershell: 'ps1' }
const HELP = `
Devices, users and operators are completed while you are unlocked; codes never.
Put the line for your shell into its start-up file:
  bash        source <(keydesk completion bash)
  zsh         source <(keydesk completion zsh)      after compinit
  fish        keydesk completion fish | source
  powershell  keydesk completion powershell | Out-String | Invoke-Expression

Example:
  keydesk completion bash`

export function registerCompletion(command: Command, context: Context): void {
  command
    .addArgument(new Argument('<shell>', 'the shell that will read it').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => printScript(context, command.optsWithGlobals<GlobalOptions>(), shell))
}

async function printScript(context: Context, options: GlobalOptions, shell: Shell): Promise<void> {
  // The folder of the scripts has the same relative place in the sources and in the package.
  const path = join(import.meta.dirname, '..', 'completion', `keydesk.${SUFFIXES[shell]}`)
  const script = readFileSync(path, 'utf8')
  await printAnswer(context.io, options, { json: { shell, script }, screen: () => script })
}
