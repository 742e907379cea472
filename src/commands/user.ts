/** `keydesk user`: the people whose devices these are, and what the organisation grants them. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { registerAdd } from './user-add.ts'
import { registerRemove, registerRole } from './user-change.ts'
import { registerUserImport } from './user-import.ts'
import { registerList, registerShow } from './user-list.ts'

export function registerUser(noun: Command, context: Context): void {
  registerAdd(noun.command('add <name>').description('add a user'), context)
  registerUserImport(
    noun.command('import <file>').description('add users from a CSV file, and grant them (admin)'),
    context,
  )
  registerList(noun.command('list').description('list users'), context)
  registerShow(noun.command('show <name>').description('show one user and their devices'), context)
  registerRemove(noun.command('remove <name>').description('remove a user who has no device left (admin)'), context)
  registerRole(noun.command('grant').description('let a user do something (admin)'), context, 'grant')
  registerRole(noun.command('revoke').description('no longer let a user do something (admin)'), context, 'revoke')
}
