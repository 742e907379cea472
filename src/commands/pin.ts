/** `keydesk pin`: one-time PINs, from the prerequisites to their end. What holds is decided in `desk/pin.ts`. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { registerCheck } from './pin-check.ts'
import { registerIssue } from './pin-issue.ts'
import { registerList, registerRevoke } from './pin-list.ts'
import { registerRedeem } from './pin-redeem.ts'

export function registerPin(noun: Command, context: Context): void {
  registerCheck(noun.command('check <user>').description('say what must hold before a PIN is issued'), context)
  registerIssue(noun.command('issue <user>').description('issue a one-time PIN, where all of that holds'), context)
  registerRedeem(noun.command('redeem <user> [pin...]').description('check a PIN that a caller reads out'), context)
  registerList(noun.command('list').description('list the PINs that are outstanding, without their digits'), context)
  registerRevoke(noun.command('revoke <user>').description('take back the PINs of a user'), context)
}
