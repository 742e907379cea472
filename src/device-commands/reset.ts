/**
 * `keydesk-device forgot`, `confirm`: the exchange as the app's user sees it. A right code is used up, so there is no
 * way back.
 * A user who sets no new password is told that the app stays locked, and which code to read out next.
 */
import { readArgument, refuseSharedStdin, tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import { type App, loadState } from '../device/app.ts'
import { confirmReset, forgetPassword, readConfirmationCode } from '../device/exchange.ts'
import { isLastEpoch } from '../device/lock.ts'
import { quoteWord } from '../errors.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { describeCodes, ENROL_ANEW, endExchange, renderCodes } from './exchange-end.ts'
import { type AppGlobals, askCode, type RegisterApp, readNewPasswordFile } from './input.ts'

type ConfirmOptions = AppGlobals & { readonly newPasswordFile?: string }

const describeNext = ({ state }: AppGlobals): string => `
Call the helpdesk and read out the reset code. Before it asks you anything it must say both desk words;
whoever cannot is not your helpdesk: hang up. Then type what it answers:
keydesk-device --state ${quoteWord(escapeText(state))} confirm CODE`

export const registerReset: RegisterApp = (program, context, findApp) => {
  program
    .command('forgot')
    .description('show the reset code, to be read to the helpdesk')
    .action(async (_options, command) => forgot(context, command.optsWithGlobals(), findApp(command.optsWithGlobals())))
  program
    .command('confirm')
    .description('open the app with the helpdesk’s confirmation code, and set a new password')
    .argument('[code...]', 'the confirmation code, in groups or in one, or - for stdin')
    .option('--new-password-file <file>', 'read the new password from a file, - is stdin')
    .addHelpText(
      'after',
      '\nWithout a new password the app stays locked, and the whole exchange must be done again with its new reset code.',
    )
    .action(async (code: string[], _options, command) =>
      confirm(
        context,
        command.optsWithGlobals(),
        findApp(command.optsWithGlobals()),
        code.length === 0 ? undefined : code.join(' '),
      ),
    )
}

async function forgot(context: Context, options: AppGlobals, app: App): Promise<void> {
  const state = forgetPassword(app)
  await printAnswer(context.io, options, {
    json: describeCodes(state),
    value: state.resetCode,
    screen: () => renderCodes(state),
  })
  if (context.io.stdoutIsTerminal && options.json !== true) tell(context, options, describeNext(options))
  if (isLastEpoch(state)) tell(context, options, ENROL_ANEW)
}

async function confirm(
  context: Context,
  options: ConfirmOptions,
  app: App,
  argument: string | undefined,
): Promise<void> {
  const { newPasswordFile } = options
  refuseSharedStdin({ CODE: argument, '--new-password-file': newPasswordFile })
  const owner = loadState(app)
  const typed =
    argument === undefined ? askCode(context, options, 'Confirmation code', 'CODE') : readArgument(context, argument)
  const code = readConfirmationCode(await typed)
  const given =
    newPasswordFile === undefined ? null : readNewPasswordFile(context, newPasswordFile, '--new-password-file', owner)
  const accepted = confirmReset(app, code)
  await endExchange(context, options, app, { what: 'code', accepted, given, owner })
}
