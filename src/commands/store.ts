/** `keydesk store`: the one file that everything is in. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { registerStoreInfo } from './store-info.ts'
import { registerStoreVerify } from './store-verify.ts'

export function registerStore(noun: Command, context: Context): void {
  registerStoreInfo(noun.command('info').description('show where the store is and what is in it'), context)
  registerStoreVerify(noun.command('verify').description('verify every row, every index and the whole record'), context)
}
