/**
 * `keydesk-device forgot`, `confirm`: the exchange as the app's user sees it. Between a right code and a new password there is no way
 * back: who stops there is told that the app stays locked, and which code to read out next.
 */
import type { Context } from '../../context.ts'
import { type App, loadState } from '../../device/app.ts'
import { confirmReset, finishReset, forgetPassword, readConfirmationCode } from '../../device/exchange.ts'
import { isLastEpoch } from '../../device/lock.ts'
import type { StoredState } from '../../device/state.ts'
import { KeydeskError } from '../../errors.ts'
import { printAnswer } from '../../term/answer.ts'
import { mayAsk, readArgument, refuseSharedStdin, tell } from '../input.ts'
import { type AppGlobals, askCode, askNewPassword, type RegisterApp, readNewPasswordFile } from './input.ts'

type ConfirmOptions = AppGlobals & { readonly newPasswordFile?: string }

const WHAT_TO_DO = `
Call the helpdesk and read out the reset code. Before it asks you anything it must say both desk words;
whoever cannot is not your helpdesk: hang up. Then type what it answers: keydesk-device confirm CODE`
const ENROL_ANEW =
  'This device has used up its reset codes: have the helpdesk enrol it anew, after this call at the latest.'

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
  if (context.io.stdoutIsTerminal && options.json !== true) tell(context, options, WHAT_TO_DO)
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
  const password = given ?? (mayAsk(context, options) ? await askOrStayLocked(context, owner) : null)
  if (password === null) return printStopped(context, options, app)
  await printOpened(context, options, finishReset(app, accepted, password))
}

/** Ctrl-C at the new password: the code is spent all the same. */
async function askOrStayLocked(context: Context, owner: StoredState): Promise<string> {
  try {
    return await askNewPassword(context, owner)
  } catch (error) {
    if (!(error instanceof KeydeskError) || error.refusal.kind !== 'cancelled') throw error
    const hint = 'the code is spent; begin again with the new reset code: keydesk-device forgot'
    throw new KeydeskError('cancelled', 'cancelled', 'no new password was set: the app stays locked', hint)
  }
}

/** The next code is shown here, so it counts as shown. */
async function printStopped(context: Context, options: AppGlobals, app: App): Promise<void> {
  const state = forgetPassword(app)
  await printAnswer(context.io, options, {
    json: { accepted: true, opened: false, ...describeCodes(state) },
    screen: () =>
      `The code was right. No new password was set: the app stays locked, and this is its new reset code.\n${renderCodes(state)}`,
  })
  if (isLastEpoch(state)) tell(context, options, ENROL_ANEW)
}

async function printOpened(context: Context, options: AppGlobals, state: StoredState): Promise<void> {
  await printAnswer(context.io, options, {
    json: { accepted: true, opened: true, epoch: state.epoch, enrolAnew: isLastEpoch(state) },
    screen: () => 'The code was right and the new password is set. The app is open.\n',
  })
  if (isLastEpoch(state)) tell(context, options, ENROL_ANEW)
}

function describeCodes(state: StoredState): Record<string, unknown> {
  const { resetCode, deskWords, epoch } = state
  return { resetCode, deskWords, epoch, enrolAnew: isLastEpoch(state) }
}

function renderCodes({ resetCode, deskWords }: StoredState): string {
  return `Reset code  ${resetCode}\nDesk words  ${deskWords.join(' ')}\n`
}
