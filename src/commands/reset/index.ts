/**
 * `keydesk reset`: the commands that check and confirm reset codes, record outcomes and list earlier resets.
 * - `desk/reset/decide.ts` decides. This folder reads the code and shows the answer after the commit.
 * - CODE is one word, or its groups as separate words.
 */
import type { Command } from 'commander'
import { choice, DEVICE_WORDS } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { MAIL_LANGUAGES } from '../../desk/records/mail-kinds.ts'
import { VERIFICATION_METHODS } from '../../desk/records/verification.ts'
import { SPELLING_LANGUAGES } from '../../term/spelling.ts'
import { type ListingOptions, registerListing } from '../audit/options.ts'
import { type CheckOptions, checkReset } from './check.ts'
import { type ConfirmOptions, confirmReset } from './confirm.ts'
import type { OutcomeOptions } from './outcome.ts'

const OF_DEVICE = ['--device <device>', 'the device that it must be of'] as const
const UNREADABLE = 'Type ? for a symbol that could not be understood; two at most can be filled in.'

export function registerReset(noun: Command, context: Context): void {
  registerCheck(noun.command('check').description('say whose a reset code is, and whether it would do'), context)
  registerConfirm(noun.command('confirm').description('answer a reset code with its confirmation code'), context)
  registerOutcome(noun.command('outcome').description('put on record how a call ended'), context)
  registerHistory(noun.command('history').description('list the resets of one device, or of all'), context)
}

function registerCheck(command: Command, context: Context): void {
  command
    .argument('[code...]', 'as it is heard, in one to three words; - reads it from stdin')
    .option(...OF_DEVICE)
    .addHelpText('after', `\n${UNREADABLE}\n\nExample:\n  keydesk reset check NBAJN-00737-8YWXP`)
    .action((words: string[]) => checkReset(context, command.optsWithGlobals<CheckOptions>(), words))
}

function registerConfirm(command: Command, context: Context): void {
  command
    .argument('[code...]', 'as it is heard, in one to three words; - reads it from stdin')
    .option(...OF_DEVICE)
    .addOption(choice('--verified-by <method>', 'how you made sure of the caller', VERIFICATION_METHODS))
    .option('--totp <code>', 'a code of the caller’s authenticator app; - reads it from stdin')
    .option('--ticket <ticket>', 'the ticket, for the record')
    .option('--reason <text>', 'why an admin shows a confirmed code again, or does without a verified caller')
    .option('--accept-correction', 'the caller agreed to the corrected code')
    .option('--spell [language]', `spell the code in words under it: ${SPELLING_LANGUAGES.join(', ')}`)
    .option('--batch <file>', 'confirm many codes, one a line; - is stdin; answers in NDJSON, in their order')
    .option('--email <file>', 'write the code into a mail draft too, a new file .eml')
    .addOption(choice('--language <language>', 'the language of the mail', MAIL_LANGUAGES))
    .option('--copy', 'put the code on the clipboard, for 45 seconds')
    .addHelpText('after', `\n${UNREADABLE}\n\nExamples:\n${EXAMPLES}`)
    .action(async (words: string[]) => {
      const options = command.optsWithGlobals<ConfirmOptions & { readonly batch?: string }>()
      if (options.batch === undefined) return confirmReset(context, options, words)
      const { confirmMany } = await import('./batch.ts')
      return confirmMany(context, { ...options, batch: options.batch }, words)
    })
}

function registerOutcome(command: Command, context: Context): void {
  command
    .argument('<device>', DEVICE_WORDS)
    .option('--opened', 'the caller is in the app again')
    .option('--aborted', 'the caller gave up, or was not to be helped')
    .option('--will-call-back', 'it is not done yet: the caller will call again')
    .option('--ticket <ticket>', 'the ticket, for the record')
    .addHelpText('after', '\nExample:\n  keydesk reset outcome NBAJN --opened --ticket HD-4711')
    .action(async (device: string) => {
      // Imported late, because checking and confirming must start fast: a caller is waiting. This command is not
      // urgent.
      const { markOutcome } = await import('./outcome.ts')
      await markOutcome(context, command.optsWithGlobals<OutcomeOptions>(), device)
    })
}

function registerHistory(command: Command, context: Context): void {
  registerListing(command.option('--device <device>', 'only this device'))
    .addHelpText('after', '\nExample:\n  keydesk reset history --device NBAJN')
    .action(async () => {
      const { listEntries } = await import('../audit/list.ts')
      await listEntries(context, { ...command.optsWithGlobals<ListingOptions>(), action: 'reset.' })
    })
}

const EXAMPLES = `  keydesk reset confirm nbajn 00737 8ywxp --verified-by callback --spell
  keydesk reset confirm NBAJN-00737-8YWXP --totp 123456
  code=$(keydesk reset confirm NBAJN-00737-8YWXP --verified-by callback -q)
  keydesk reset confirm --batch codes.txt --verified-by manager --ticket HD-4711`
