/**
 * `keydesk call`: a guided call, one screen at a time.
 * - Every step is the operation or decision of a single command, with its own commit.
 * - The end of the call shows those single commands.
 * - The command needs a person at a terminal. Scripts use the single commands.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { mayAsk } from '../../console/input.ts'
import { DEVICE_WORDS } from '../../console/options.ts'
import { preferredSpelling, preferredTicket } from '../../console/preferred.ts'
import { readTicket } from '../../console/ticket.ts'
import type { Context } from '../../context.ts'
import { KeydeskError } from '../../errors.ts'
import { printAnswer } from '../../term/answer.ts'
import { parseLanguage, SPELLING_LANGUAGES } from '../../term/spelling.ts'

type CallOptions = DeskGlobals & { readonly ticket?: string; readonly spell?: string; readonly plain?: boolean }

const MORE = `
Enter goes on, Esc goes back, Ctrl-E ends the call and Ctrl-C leaves. The screen is
one of its own: no code stays in the scroll-back. With --plain each step is told
line by line; its codes do stay there.

Examples:
  keydesk call
  keydesk call zoe --ticket HD-4711 --spell de
  keydesk call --plain`

export function registerCall(command: Command, context: Context): void {
  command
    .argument('[device]', `${DEVICE_WORDS}; or the reset code`)
    .option('--ticket <ticket>', 'the ticket, for the record; asked for unless given')
    .option(
      '--spell <language>',
      `the alphabet that codes are spelt in: ${SPELLING_LANGUAGES.join(', ')}; else the preferred one`,
    )
    .option('--plain', 'line by line, without moving the cursor: for screen readers')
    .addHelpText('after', MORE)
    .action((device?: string) => call(context, command.optsWithGlobals<CallOptions>(), device ?? ''))
}

async function call(context: Context, options: CallOptions, device: string): Promise<void> {
  const ticketPattern = preferredTicket(context)
  const settings = {
    ticket: options.ticket === undefined ? null : readTicket(options.ticket, ticketPattern),
    ticketPattern,
    language: options.spell === undefined ? preferredSpelling(context) : parseLanguage(options.spell),
  }
  if (!mayAsk(context, options))
    throw new KeydeskError(
      'usage',
      'no-terminal',
      'a call needs a person at a terminal',
      'by single commands: keydesk device list --search TEXT, reset check CODE, reset confirm CODE --verified-by METHOD, reset outcome DEVICE --opened',
    )
  const { startCall } = await import('./state.ts')
  const run = options.plain === true ? (await import('./plain.ts')).runInLines : (await import('./run.ts')).runOnScreen
  const { finished } = await run(context, options, startCall(settings, device))
  await printAnswer(context.io, options, { json: { calls: finished }, screen: () => '' })
}
