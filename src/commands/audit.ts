/** `keydesk audit`: the record of who did what, when, why and with which ticket, refusals included. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { type ListingOptions, listEntries, registerListing } from './audit-listing.ts'

export function registerAudit(noun: Command, context: Context): void {
  const list = noun.command('list').description('list entries, the oldest first')
  registerListing(list.option('--device <device>', 'only this device'))
    .option('--user <name>', 'only devices of this user')
    .option('--by <operator>', 'only what this operator did')
    .option('--action <action>', 'only this action, or actions that begin so: reset.confirm, device.')
    .addHelpText('after', '\nExample:\n  keydesk audit list --user zoe@example.ch --action reset.')
    .action(() => listEntries(context, list.optsWithGlobals<ListingOptions>()))
}
