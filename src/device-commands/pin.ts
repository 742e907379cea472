/** `keydesk-device pin`: opens the app with a one-time PIN, without a network, where the invitation allowed it. */
import { readArgument, refuseSharedStdin } from '../console/input.ts'
import type { Context } from '../context.ts'
import { type App, loadState } from '../device/app.ts'
import { acceptPinOf, readPin, readUser, requirePinWay } from '../device/pin.ts'
import { endExchange } from './exchange-end.ts'
import { type AppGlobals, askCode, type RegisterApp, readNewPasswordFile } from './input.ts'

type PinOptions = AppGlobals & { readonly newPasswordFile?: string }

export const registerPin: RegisterApp = (program, context, findApp) => {
  program
    .command('pin')
    .description('open the app with a one-time PIN of the helpdesk, and set a new password')
    .argument('<user>', 'the user name')
    .argument('[pin...]', 'the PIN, in groups or in one, or - for stdin')
    .option('--new-password-file <file>', 'read the new password from a file, - is stdin')
    .addHelpText(
      'after',
      '\nOnly where the invitation allowed it. Without a new password the app stays locked, and the PIN is spent.',
    )
    .action(async (user: string, pin: string[], _options, command) =>
      enterPin(context, command.optsWithGlobals(), findApp(command.optsWithGlobals()), user, pin),
    )
}

async function enterPin(
  context: Context,
  options: PinOptions,
  app: App,
  user: string,
  words: readonly string[],
): Promise<void> {
  const { newPasswordFile } = options
  const name = readUser(user)
  refuseSharedStdin({ PIN: words.join(' '), '--new-password-file': newPasswordFile })
  const owner = loadState(app)
  // Checked before the question, so that a user is not asked for a PIN that cannot be accepted.
  requirePinWay(owner, app.world.clock())
  const typed =
    words.length === 0 ? askCode(context, options, 'One-time PIN', 'PIN') : readArgument(context, words.join(' '))
  const pin = readPin(await typed)
  const given =
    newPasswordFile === undefined ? null : readNewPasswordFile(context, newPasswordFile, '--new-password-file', owner)
  const accepted = acceptPinOf(app, name, pin)
  await endExchange(context, options, app, { what: 'PIN', accepted, given, owner })
}
