/** `keydesk user`: the commands that add, list, change and remove the users of devices. */
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { registerAdd } from './add.ts'
import { registerRemove, registerRole } from './change.ts'
import { registerUserImport } from './import.ts'
import { registerList, registerShow } from './list.ts'

export function registerUser(noun: Command, context: Context): void {
  registerAdd(
    noun.command('add').argument('<name>', 'what to call them; a mail address does best').description('add a user'),
    context,
  )
  registerUserImport(
    noun
      .command('import')
      .argument('<file>', 'the list, CSV in UTF-8; - is stdin')
      .description('add users from a CSV file, and grant them (admin)'),
    context,
  )
  registerList(noun.command('list').description('list users'), context)
  registerShow(
    noun.command('show').argument('<name>', 'the user').description('show one user and their devices'),
    context,
  )
  registerRemove(
    noun.command('remove').argument('<name>', 'the user').description('remove a user who has no device left (admin)'),
    context,
  )
  registerRole(noun.command('grant').description('let a user do something (admin)'), context, 'grant')
  registerRole(noun.command('revoke').description('no longer let a user do something (admin)'), context, 'revoke')
}
