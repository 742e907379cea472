/**
 * `keydesk totp reset`: ends an authenticator app. From this commit on its codes are refused. Resetting takes an admin,
 * or a last code of the old phone.
 */
import type { Command } from 'commander'
import { confirmOr } from '../../console/consent.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { readArgument, tell } from '../../console/input.ts'
import { choice } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { quoteWord } from '../../errors.ts'
import { readHeld, resolveResetOwner } from '../../operations/totp.ts'
import { hearTotp, parseFactor, splitUser } from '../../session/app-code.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

type ResetOptions = DeskGlobals & {
  readonly self?: boolean
  readonly yes?: boolean
  readonly code?: string
  readonly of?: 'user' | 'operator'
}

export function registerReset(command: Command, context: Context): void {
  command
    .argument('[user]', 'whose app it is: a user’s, or an operator’s')
    .addOption(choice('--of <kind>', 'where the name is both', ['user', 'operator']))
    .option('--self', 'your own app: that needs a code of it, or a recovery code')
    .option('--code <code>', 'a code of the old app: then it need not be an admin; - reads it from stdin')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', '\nExample:\n  keydesk totp reset zoe@example.ch --yes')
    .action((user: string | undefined) => reset(context, command.optsWithGlobals<ResetOptions>(), user))
}

async function reset(context: Context, options: ResetOptions, given: string | undefined): Promise<void> {
  const { user } = splitUser(given === undefined ? [] : [given], options)
  const code = options.code === undefined ? null : await readCode(context, options, options.code, user)
  const { decideReset } = await import('../../desk/totp/decide.ts')
  const { answer, seq } = await withDesk(context, options, async (desk) => {
    const owner = await desk.read((records) => resolveResetOwner(desk, records, user, options.of ?? null))
    await confirmOr(context, options, `Reset the app of ${owner.name}? No code of it will be accepted again.`)
    return desk.commit(async (records, now) =>
      decideReset(owner, await readHeld(records, owner), code, { now, operator: desk.me }),
    )
  })
  await printAnswer(context.io, options, {
    json: { user: answer.name, state: answer.state, auditSeq: seq },
    screen: () => `No code of ${escapeText(answer.name)}’s app is accepted any more.\n`,
  })
  const isUsers = answer.owner === 'user'
  const next = isUsers ? `keydesk totp enroll ${quoteWord(escapeText(answer.name))}` : 'keydesk totp enroll --self'
  const who =
    isUsers || user === null ? 'for a new phone' : 'they set up a new phone themselves, or at their next unlock'
  tell(context, options, `hint: ${who}: ${next}`)
}

/** For the operator's own app, a recovery code is valid too. */
async function readCode(context: Context, options: DeskGlobals, code: string, user: string | null): Promise<string> {
  return user === null ? parseFactor(readArgument(context, code)) : hearTotp(context, options, [code])
}
