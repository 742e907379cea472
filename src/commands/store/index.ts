/** `keydesk store`: the commands that describe, verify, rekey, back up, restore and accept the store. */
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { registerAccept } from './accept.ts'
import { registerBackup } from './backup.ts'
import { registerStoreInfo } from './info.ts'
import { registerRekey } from './rekey.ts'
import { registerRestore } from './restore.ts'
import { registerStoreVerify } from './verify.ts'

export function registerStore(noun: Command, context: Context): void {
  registerStoreInfo(noun.command('info').description('show where the store is and what is in it'), context)
  registerStoreVerify(noun.command('verify').description('verify every row, every index and the whole record'), context)
  registerRekey(noun.command('rekey').description('draw new keys and seal everything anew (admin)'), context)
  registerBackup(noun, context)
  registerRestore(noun, context)
  registerAccept(noun, context)
}
