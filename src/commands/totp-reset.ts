/** `keydesk totp reset`: the old secret is worthless from that commit on. By an admin, or by a last code of the old phone. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { ownerOf, readHeld, resolveUser } from '../operations/totp.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { confirmOr } from './consent.ts'
import { quoteWord, tell } from './input.ts'
import { type DeskGlobals, withDesk } from './session.ts'
import { hearTotp } from './totp-code.ts'

type ResetOptions = DeskGlobals & { readonly yes?: boolean; readonly code?: string }

export function registerReset(command: Command, context: Context): void {
  command
    .argument('<user>', 'whose app it is')
    .option('--code <code>', 'a code of the old app: then it need not be an admin; - reads it from stdin')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk totp reset zoe@example.ch --yes')
    .action((user: string) => reset(context, command.optsWithGlobals<ResetOptions>(), user))
}

async function reset(context: Context, options: ResetOptions, name: string): Promise<void> {
  const code = options.code === undefined ? null : await hearTotp(context, options, [options.code])
  const { decideReset } = await import('../desk/totp.ts')
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const user = await desk.read((records) => resolveUser(records, name))
    await confirmOr(context, options, `Reset the app of ${user.name}? No code of it will be accepted again.`)
    return desk.commit(async (records, now) => {
      const owner = ownerOf(user)
      return decideReset(owner, await readHeld(records, owner), code, { now, operator: desk.me })
    })
  })
  await printAnswer(context.io, options, {
    json: { user: answer.name, state: answer.state, auditSeq: seq },
    screen: () => `No code of ${escapeText(answer.name)}’s app is accepted any more.\n`,
  })
  tell(context, options, `hint: for a new phone: keydesk totp enroll ${quoteWord(escapeText(answer.name))}`)
}
