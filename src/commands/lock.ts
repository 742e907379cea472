/** `keydesk lock`: makes the agent forget the keys of one login, or all keys. */
import type { Command } from 'commander'
import { lockAgent } from '../agent/client.ts'
import type { DeskGlobals } from '../console/globals.ts'
import type { Context } from '../context.ts'
import { targetOf } from '../session/target.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'

export function registerLock(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nWithout --store and --operator all keys are forgotten.\n\nExample:\n  keydesk lock')
    .action(() => lock(context, command.optsWithGlobals<DeskGlobals>()))
}

async function lock(context: Context, options: DeskGlobals): Promise<void> {
  const gone = await lockAgent(context.places, targetOf(context, options))
  const names = gone.map(({ operator }) => escapeText(operator)).join(', ')
  await printAnswer(context.io, options, {
    json: { locked: gone.map(({ store, operator }) => ({ store, operator })) },
    screen: () => (names === '' ? 'Nothing was unlocked.\n' : `Locked ${names}.\n`),
  })
}
