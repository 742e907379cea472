/** `keydesk reset history`: what was asked and answered for one device, or for all, from the record. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { type ListingOptions, registerListing } from './audit-options.ts'

export function registerHistory(command: Command, context: Context): void {
  registerListing(command.option('--device <device>', 'only this device'))
    .addHelpText('after', '\nExample:\n  keydesk reset history --device NBAJN')
    .action(async () => {
      const { listEntries } = await import('./audit-listing.ts')
      await listEntries(context, { ...command.optsWithGlobals<ListingOptions>(), action: 'reset.' })
    })
}
