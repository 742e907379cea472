/**
 * `keydesk audit`: the commands that list, verify and export the audit log. Each entry says who did what, when, why and
 * with which ticket. Refusals have entries too.
 */
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { registerCheckpoint } from './checkpoint.ts'
import { registerExport } from './export.ts'
import { listEntries } from './list.ts'
import { type ListingOptions, registerListing } from './options.ts'
import { registerVerify } from './verify.ts'

export function registerAudit(noun: Command, context: Context): void {
  const list = noun.command('list').description('list entries, the oldest first')
  registerListing(list.option('--device <device>', 'only this device'))
    .option('--user <name>', 'only this user and their devices')
    .option('--by <operator>', 'only what this operator did')
    .option('--action <action>', 'only this action, or actions that begin so: reset.confirm, device.')
    .addHelpText('after', '\nExample:\n  keydesk audit list --user zoe@example.ch --action reset. --since 7d')
    .action(() => listEntries(context, list.optsWithGlobals<ListingOptions>()))
  registerVerify(noun.command('verify').description('prove that nothing in the record was changed'), context)
  registerCheckpoint(
    noun.command('checkpoint').description('print what to keep elsewhere as proof of the record'),
    context,
  )
  registerExport(noun.command('export').description('write the whole record for another program'), context)
}
