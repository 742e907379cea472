/**
 * `keydesk device invite`: prints an invitation and its enrolment code.
 * - The two must travel by different ways (§7).
 * - The desk commits the device secret before it shows either of them.
 */
import type { Command } from 'commander'
import { mailLanguage, requireWorded, tellMissingAddress } from '../../console/mail-wording.ts'
import { choice } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { type Device, PLATFORMS, REGISTRATIONS } from '../../desk/records/index.ts'
import { MAIL_LANGUAGES } from '../../desk/records/mail-kinds.ts'
import { KeydeskError } from '../../errors.ts'
import { readWording } from '../../operations/mail.ts'
import { withDesk } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { writeInvitation } from './enrolment.ts'
import { type Invite, type InviteOptions, inviteAgain, inviteNew } from './invitation.ts'
import { readInviteFile, withInviteFile } from './invite-file.ts'

const HELP = `
In a pipe the invitation is the first line, and the enrolment code the second.
A mail or a picture holds the invitation alone; tell the enrolment code by
another way. With --again an earlier invitation stays good: where it may have
been seen, retire the device and invite it anew.

Example:
  keydesk device invite --user zoe@example.ch --platform ios --model "iPhone 17"
  keydesk device invite --again NBAJN`

export function registerInvite(command: Command, context: Context): void {
  command
    .option('--user <name>', 'whose device it is; a new user is added')
    .option(
      '--again <device>',
      'another invitation for a device that was imported or invited already, with the secret that it has',
    )
    .option('--name <name>', 'what to call the device; else its model or platform')
    .addOption(choice('--platform <platform>', 'its platform', PLATFORMS))
    .option('--model <model>', 'its model')
    .addOption(choice('--registered-by <how>', 'how the user registered it', REGISTRATIONS).default('password'))
    .option('--allow-pin', 'let the app be opened by a one-time PIN; it then keeps its key where the platform does')
    .option('--qr [file]', 'draw the invitation as a QR code: on the terminal, or into a new file .png or .svg')
    .option('--email <file>', 'write the invitation into a mail draft, a new file .eml')
    .addOption(choice('--language <language>', 'the language of the mail', MAIL_LANGUAGES))
    .addHelpText('after', HELP)
    .action(() => invite(context, command.optsWithGlobals<InviteOptions>()))
}

async function invite(context: Context, options: InviteOptions): Promise<void> {
  if (options.qr === true) requireScreen(context, options)
  const file = readInviteFile(options)
  const make = (options.again === undefined ? inviteNew : inviteAgain)(context, options)
  const add = () => withDesk(context, options, (desk) => addInvited(context, options, desk, make))
  const { device, seq, invitation, enrolment } = await (file === null
    ? add()
    : withInviteFile(context, file, options, add))
  const { enrolmentCode } = enrolment
  const { deviceId, tag, user, name } = device
  await printAnswer(context.io, options, {
    json: { invitation, enrolmentCode, deviceId, tag, user, name, pinAllowed: device.pinAllowed, file, auditSeq: seq },
    value: `${invitation}\n${enrolmentCode}`,
    screen: () => renderInvitation(device, invitation, enrolmentCode, file ?? options.qr === true),
  })
  if (options.email !== undefined) tellMissingAddress(context, options, user)
}

async function addInvited(context: Context, options: InviteOptions, desk: Desk, make: Invite) {
  const asked = { kind: 'invite', language: mailLanguage(context, options.language) } as const
  const worded = await requireWorded(asked, (wanted) => readWording(desk, wanted))
  const invited = await make(desk)
  return { ...invited, worded, invitation: writeInvitation(invited.device, invited.enrolment, invited.organisation) }
}

/** `where` is the file with the invitation, or whether to draw it as a QR code here. */
async function renderInvitation(
  { name, user }: Device,
  invitation: string,
  enrolmentCode: string,
  where: string | boolean,
) {
  const whose = escapeText(`${name} of ${user}`)
  const code = `Enrolment code, to be told by another way:\n\n  ${enrolmentCode}\n`
  if (typeof where === 'string') return `The invitation for ${whose} is in ${escapeText(where)}.\n\n${code}`
  const qr = where ? await (await import('../../term/qr.ts')).renderQr(invitation) : ''
  return `${qr}Invitation for ${whose}, to be mailed, pushed or scanned:\n\n${invitation}\n\n${code}`
}

function requireScreen({ io }: Context, { json }: InviteOptions): void {
  if (io.stdoutIsTerminal && !json) return
  const hint = 'leave out --qr, and draw the first line of the answer with a program of your own'
  throw new KeydeskError('usage', 'no-terminal', 'only a terminal can show a QR code', hint)
}
