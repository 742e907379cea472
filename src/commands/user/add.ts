/** `keydesk user add`: adds a user who has no device yet. `device invite` adds a user together with a device. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { encodeHex } from '../../crypto/bytes.ts'
import { decideAddUser } from '../../desk/user.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'
import { userJson } from './list.ts'

export function registerAdd(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk user add max@example.ch')
    .action((name: string) => addUser(context, command.optsWithGlobals<DeskGlobals>(), name))
}

async function addUser(context: Context, options: DeskGlobals, typed: string): Promise<void> {
  const name = checkName(typed, 'user')
  const userId = encodeHex(context.random(16))
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records, now) =>
      decideAddUser(await records.user(name), { name, userId }, { now, operator: desk.me }),
    ),
  )
  await printAnswer(context.io, options, {
    json: { ...userJson(answer), auditSeq: seq },
    screen: () => `Added ${escapeText(answer.name)}.\n`,
  })
}
