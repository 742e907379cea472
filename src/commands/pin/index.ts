/** `keydesk pin`: the commands for one-time PINs. `desk/pin/decide.ts` makes the decisions. */
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { registerCheck } from './check.ts'
import { registerIssue } from './issue.ts'
import { registerList, registerRevoke } from './list.ts'
import { registerRedeem } from './redeem.ts'

const USER = 'whose device it is for'

export function registerPin(noun: Command, context: Context): void {
  registerCheck(
    noun.command('check').argument('<user>', USER).description('say which prerequisites of a PIN are met'),
    context,
  )
  registerIssue(
    noun.command('issue').argument('<user>', USER).description('issue a one-time PIN, where all prerequisites are met'),
    context,
  )
  registerRedeem(
    noun
      .command('redeem')
      .argument('<user>', USER)
      .argument('[pin...]', 'its ten digits, as they are heard; - reads them from stdin')
      .description('check a PIN that a caller reads out'),
    context,
  )
  registerList(noun.command('list').description('list the PINs that are outstanding, without their digits'), context)
  registerRevoke(noun.command('revoke').argument('<user>', USER).description('take back the PINs of a user'), context)
}
