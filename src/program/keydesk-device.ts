/**
 * The program `keydesk-device`: a reference device that plays the app's side of the exchange, also for rehearsals.
 * A real app does this in one process over days. Here each step is one command, and a file holds the app's memory.
 */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { App } from '../device/app.ts'
import { type FileCalls, nodeFiles } from '../device/durable.ts'
import { openStorage } from '../device/storage.ts'
import { registerEnrol } from '../device-commands/enrol.ts'
import type { AppGlobals } from '../device-commands/input.ts'
import { registerPassword } from '../device-commands/password.ts'
import { registerPin } from '../device-commands/pin.ts'
import { registerReset } from '../device-commands/reset.ts'
import { registerSettings } from '../device-commands/settings.ts'
import { registerStatus } from '../device-commands/status.ts'
import { VERSION } from '../version.ts'
import { createProgram, runProgram } from './run.ts'

const DESCRIPTION =
  'The reference device: an app whose settings are encrypted, and whose password is reset over the telephone.'
const EXAMPLES = `
Examples:
  keydesk-device --state ./phone enroll keydesk:enrol/1/…
  keydesk-device --state ./phone put mail.server imap.example.ch
  keydesk-device --state ./phone lock
  keydesk-device --state ./phone forgot
  keydesk-device --state ./phone confirm NBAJN-00737-8YWXP
  keydesk-device --state ./phone pin zoe@example.ch 35129-63739`

/** Makes the program with all its commands. */
export function openProgram(context: Context, files: FileCalls = nodeFiles): Command {
  const program = createProgram('keydesk-device', DESCRIPTION, VERSION, context)
    .requiredOption('--state <dir>', 'directory of the device, its own')
    .option('--password-file <file>', 'read the app password from a file, - is stdin')
    .addHelpText('after', EXAMPLES)
  const findApp = ({ state }: AppGlobals): App => ({
    storage: openStorage(resolve(state), { uid: context.places.uid, files }),
    world: context,
  })
  for (const register of [
    registerEnrol,
    registerStatus,
    registerPassword,
    registerSettings,
    registerReset,
    registerPin,
  ]) {
    register(program, context, findApp)
  }
  return program
}

/** Runs one command line of `keydesk-device`. Resolves to its exit code. */
export async function main(argv: readonly string[], context: Context, files: FileCalls = nodeFiles): Promise<number> {
  return runProgram(openProgram(context, files), argv, context)
}
