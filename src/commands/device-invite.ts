/**
 * `keydesk device invite`: draws the device's secret and seals it into an invitation under an enrolment code. The two
 * are to travel by different ways. The store's copy is durable before either is shown.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { encodeHex } from '../crypto/bytes.ts'
import { asDeviceSecret, ID_BYTES, SECRET_BYTES, TAG_BITS } from '../crypto/keys.ts'
import { decideInvite } from '../desk/device.ts'
import { type Device, PLATFORMS, type Platform, REGISTRATIONS, type Registration } from '../desk/records.ts'
import { KeydeskError } from '../errors.ts'
import type { Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import { printAnswer } from '../term/answer.ts'
import { checkName, escapeText } from '../term/escape.ts'
import { drawEnrolment, type Enrolment, writeInvitation } from './enrolment.ts'
import { inviteAgain } from './invite-again.ts'
import { choice } from './options.ts'
import { preferred } from './preferred.ts'
import { type DeskGlobals, withDesk } from './session.ts'

export type InviteOptions = DeskGlobals & {
  readonly user?: string
  readonly again?: string
  readonly name?: string
  readonly platform?: Platform
  readonly model?: string
  readonly registeredBy: Registration
  readonly allowPin?: boolean
  readonly qr?: boolean
}

const HELP = `
In a pipe the invitation is the first line, and the enrolment code the second.
With --again an earlier invitation stays good: where it may have been seen, retire the
device and invite it anew.

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
    .option('--qr', 'draw the invitation as a QR code on the terminal')
    .addHelpText('after', HELP)
    .action(() => invite(context, command.optsWithGlobals<InviteOptions>()))
}

async function invite(context: Context, options: InviteOptions): Promise<void> {
  if (options.qr) requireScreen(context, options)
  await printInvited(context, options, await (options.again === undefined ? inviteNew : inviteAgain)(context, options))
}

async function inviteNew(context: Context, options: InviteOptions): Promise<Invited> {
  const given = readDescription(context, options)
  const drawn = drawDevice(context)
  return { ...(await withDesk(context, options, (desk) => addDevice(context, desk, given, drawn))), enrolment: drawn }
}

/** A device with what opens its invitation. */
export type Invited = {
  readonly organisation: string
  readonly device: Device
  readonly seq: number
  readonly enrolment: Enrolment
}

async function printInvited(context: Context, options: InviteOptions, invited: Invited): Promise<void> {
  const { organisation, device, seq, enrolment } = invited
  const { enrolmentCode } = enrolment
  const { deviceId, tag, user, name } = device
  const invitation = writeInvitation(device, enrolment, organisation)
  await printAnswer(context.io, options, {
    json: { invitation, enrolmentCode, deviceId, tag, user, name, pinAllowed: device.pinAllowed, auditSeq: seq },
    value: `${invitation}\n${enrolmentCode}`,
    screen: () => renderInvitation(device, invitation, enrolmentCode, options.qr === true),
  })
}

async function renderInvitation({ name, user }: Device, invitation: string, enrolmentCode: string, withQr: boolean) {
  const qr = withQr ? await (await import('../term/qr.ts')).renderQr(invitation) : ''
  const heading = `Invitation for ${escapeText(`${name} of ${user}`)}, to be mailed, pushed or scanned:`
  return `${qr}${heading}\n\n${invitation}\n\nEnrolment code, to be told by another way:\n\n  ${enrolmentCode}\n`
}

function readDescription(context: Context, options: InviteOptions) {
  const { user, name, model, registeredBy, allowPin } = options
  if (user === undefined) throw new KeydeskError('usage', 'user-missing', 'whose device is it?', 'give --user NAME')
  const platform = options.platform ?? (preferred(context, 'device.platform') as Platform | undefined)
  const checked = model === undefined ? null : checkName(model, 'model')
  return {
    user: checkName(user, 'user'),
    name: checkName(name ?? checked ?? platform ?? 'device', 'name'),
    model: checked,
    platform: platform ?? null,
    registeredBy,
    pinAllowed: allowPin === true,
  }
}

function requireScreen({ io }: Context, { json }: InviteOptions): void {
  if (io.stdoutIsTerminal && !json) return
  const hint = 'leave out --qr, and draw the first line of the answer with a program of your own'
  throw new KeydeskError('usage', 'no-terminal', 'only a terminal can show a QR code', hint)
}

async function addDevice(context: Context, desk: Desk, given: ReturnType<typeof readDescription>, drawn: Drawn) {
  const { name: organisation } = await desk.read((records) => records.organisation())
  const deviceId = encodeHex(drawn.id)
  const newUserId = encodeHex(context.random(16))
  const { answer, seq } = await desk.commit(async (records, now) => {
    const request = { ...given, deviceId, newUserId, tag: await drawTag(context, records), secret: drawn.secret }
    return decideInvite(await records.user(given.user), request, { now, operator: desk.me })
  })
  return { organisation, device: answer, seq }
}

type Drawn = ReturnType<typeof drawDevice>

/** Stretches the enrolment code before the store is opened: a commit must not hold others up for that. */
function drawDevice(context: Context) {
  const id = context.random(ID_BYTES)
  const secret = asDeviceSecret(context.random(SECRET_BYTES))
  return { id, secret, ...drawEnrolment(context, id, secret) }
}

/** A tag that no device of the desk has. */
async function drawTag({ random }: Context, records: Records): Promise<number> {
  for (;;) {
    const tag = new DataView(random(4).buffer).getUint32(0) >>> (32 - TAG_BITS)
    if ((await records.deviceByTag(tag)) === null) return tag
  }
}
