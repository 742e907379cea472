/**
 * `keydesk totp`: the commands for authenticator apps, which verify callers and operators. USER is the whole name of a
 * user. `desk/totp/decide.ts` makes the decisions.
 */
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { registerCodes } from './codes.ts'
import { registerEnroll } from './enroll.ts'
import { registerTotpList } from './list.ts'
import { registerReset } from './reset.ts'

export function registerTotp(noun: Command, context: Context): void {
  registerEnroll(noun.command('enroll').description('draw a secret for an app, and show it once'), context)
  registerCodes(noun, context)
  registerReset(noun.command('reset').description('make an app and its secret worthless'), context)
  registerTotpList(noun.command('list').description('list who has an app'), context)
}
