/**
 * `keydesk device`: the commands that add, list, show and change devices. DEVICE is an id, a tag, or a part of a name
 * or user that matches only one device.
 */
import type { Command } from 'commander'
import { DEVICE_WORDS } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { registerChanges } from './change.ts'
import { registerImport } from './import.ts'
import { registerInvite } from './invite.ts'
import { registerList } from './list.ts'
import { registerPolicy } from './policy.ts'
import { registerShow } from './show.ts'

export function registerDevice(noun: Command, context: Context): void {
  registerInvite(noun.command('invite').description('add a device, and print its invitation'), context)
  registerImport(
    noun
      .command('import')
      .argument('<file>', 'the list, CSV in UTF-8; - is stdin')
      .description('add and update devices from a CSV file (admin)'),
    context,
  )
  registerList(noun.command('list').description('list devices'), context)
  registerShow(
    noun.command('show').argument('<device>', DEVICE_WORDS).description('tell the story of one device'),
    context,
  )
  registerChanges(noun, context)
  registerPolicy(
    noun.command('policy').description('show what policy says for one device, or set it for this one'),
    context,
  )
}
