/** `keydesk-device open`, `lock`, `passwd`: the daily use of the app password. */
import { refuseSharedStdin } from '../console/input.ts'
import type { Context } from '../context.ts'
import type { App } from '../device/app.ts'
import { loadState } from '../device/app.ts'
import { changePassword, lockApp, openApp } from '../device/unlocking.ts'
import { printAnswer } from '../term/answer.ts'
import {
  type AppGlobals,
  findPassword,
  type RegisterApp,
  readNewPassword,
  readPassword,
  refuseHopeless,
} from './input.ts'

type PasswdOptions = AppGlobals & { readonly newPasswordFile?: string }

const ROTATED = 'The reset code that was shown is no longer good: it was not needed.\n'

export const registerPassword: RegisterApp = (program, context, findApp) => {
  program
    .command('open')
    .description('open the app with its password, until it is locked')
    .action(async (_options, command) => open(context, command.optsWithGlobals(), findApp(command.optsWithGlobals())))
  program
    .command('lock')
    .description('lock the app: what it remembers of its key is removed')
    .action(async (_options, command) => lock(context, command.optsWithGlobals(), findApp(command.optsWithGlobals())))
  program
    .command('passwd')
    .description('change the app password; the old one is asked for, also when the app is open')
    .option('--new-password-file <file>', 'read the new password from a file, - is stdin')
    .action(async (_options, command) => passwd(context, command.optsWithGlobals(), findApp(command.optsWithGlobals())))
}

async function open(context: Context, options: AppGlobals, app: App): Promise<void> {
  const { state, rotated } = openApp(app, await findPassword(context, options, app))
  await printAnswer(context.io, options, {
    json: { opened: true, epoch: state.epoch, rotated },
    screen: () => `The app is open.\n${rotated ? ROTATED : ''}`,
  })
}

async function lock(context: Context, options: AppGlobals, app: App): Promise<void> {
  lockApp(app)
  await printAnswer(context.io, options, { json: { locked: true }, screen: () => 'The app is locked.\n' })
}

async function passwd(context: Context, options: PasswdOptions, app: App): Promise<void> {
  const { passwordFile, newPasswordFile } = options
  refuseSharedStdin({ '--password-file': passwordFile, '--new-password-file': newPasswordFile })
  const owner = loadState(app)
  refuseHopeless(app)
  const password = await readPassword(context, options)
  const newPassword = await readNewPassword(context, options, {
    file: newPasswordFile,
    flag: '--new-password-file',
    owner,
  })
  const { state, rotated } = changePassword(app, password, newPassword)
  await printAnswer(context.io, options, {
    json: { changed: true, epoch: state.epoch, rotated },
    screen: () => `The app password is changed.\n${rotated ? ROTATED : ''}`,
  })
}
