/**
 * `keydesk-device enroll`: makes a device from an invitation and its spoken code. Nothing is written before the code
 * has opened the invitation.
 */
import { readArgument, readSecretLine, refuseSharedStdin, tell } from '../console/input.ts'
import type { Context } from '../context.ts'
import { encodeHex } from '../crypto/bytes.ts'
import { refuseSecondDevice } from '../device/app.ts'
import { enrolDevice, openInvitation, readEnrolmentCode, readInvitation } from '../device/enrolment.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { type AppGlobals, askCode, type RegisterApp, readNewPassword } from './input.ts'

type EnrolOptions = AppGlobals & { readonly codeFile?: string }

const findCode = async (context: Context, options: EnrolOptions): Promise<string> =>
  options.codeFile === undefined
    ? askCode(context, options, 'Enrolment code', '--code-file FILE')
    : readSecretLine(context, options.codeFile, '--code-file')

export const registerEnrol: RegisterApp = (program, context, findApp) => {
  program
    .command('enroll')
    .description('make this directory a device of the desk that sent the invitation')
    .argument('<invitation>', 'keydesk:enrol/1/…, or - for stdin')
    .option('--code-file <file>', 'read the enrolment code from a file, - is stdin')
    .action(async (argument: string, _options: unknown, command) => {
      const options = command.optsWithGlobals() as EnrolOptions
      const { codeFile, passwordFile } = options
      refuseSharedStdin({ INVITATION: argument, '--code-file': codeFile, '--password-file': passwordFile })
      const app = findApp(options)
      refuseSecondDevice(app)
      const invitation = readInvitation(readArgument(context, argument))
      tell(context, options, `${escapeText(invitation.organisation)} invites ${escapeText(invitation.user)}`)
      const code = readEnrolmentCode(await findCode(context, options))
      const secret = openInvitation(code, invitation, app.world)
      const password = await readNewPassword(context, options, {
        file: passwordFile,
        flag: '--password-file',
        owner: invitation,
      })
      const { id, tag, organisation, user, epoch, pinAllowed } = enrolDevice(app, secret, invitation, password)
      await printAnswer(context.io, options, {
        json: { deviceId: encodeHex(id), tag, organisation, user, epoch, pinAllowed, locked: false },
        screen: () => `Enrolled with ${escapeText(organisation)} for ${escapeText(user)}. The app is open.\n`,
      })
    })
}
