/**
 * Invites at the desk, for `keydesk device invite`: a new device, or another invitation for a known device.
 * - A new device: its secret is drawn and sealed before the store is opened, because a commit must not make others wait
 *   for scrypt.
 * - `--again`: the device keeps its secret, because it may be enrolled already. An earlier invitation therefore stays
 *   valid.
 */
import type { DeskGlobals } from '../../console/globals.ts'
import { preferred } from '../../console/preferred.ts'
import type { Context } from '../../context.ts'
import { decodeHex, encodeHex } from '../../crypto/bytes.ts'
import { asDeviceSecret, ID_BYTES, SECRET_BYTES } from '../../crypto/keys.ts'
import { TAG_BITS } from '../../crypto/tag.ts'
import { decideInvite, decideInviteAgain } from '../../desk/device/decide.ts'
import type { Device, Platform, Registration } from '../../desk/records/index.ts'
import type { MailLanguage } from '../../desk/records/mail-kinds.ts'
import { refuseRole } from '../../desk/records/roles.ts'
import { KeydeskError } from '../../errors.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'
import { checkName } from '../../term/escape.ts'
import { drawEnrolment, type Enrolment } from './enrolment.ts'
import type { InviteFiles } from './invite-file.ts'

export type InviteOptions = DeskGlobals &
  InviteFiles & {
    readonly user?: string
    readonly again?: string
    readonly name?: string
    readonly platform?: Platform
    readonly model?: string
    readonly registeredBy: Registration
    readonly allowPin?: boolean
    readonly language?: MailLanguage
  }
/** A device and the enrolment code that opens its invitation. */
export type Invited = {
  readonly organisation: string
  readonly device: Device
  readonly seq: number
  readonly enrolment: Enrolment
}
/** Commits an invitation at the given desk. For a new device, scrypt has run by now. */
export type Invite = (desk: Desk) => Promise<Invited>

export function inviteNew(context: Context, options: InviteOptions): Invite {
  const given = readDescription(context, options)
  const id = context.random(ID_BYTES)
  const secret = asDeviceSecret(context.random(SECRET_BYTES))
  const enrolment = drawEnrolment(context, id, secret)
  return async (desk) => {
    const { name: organisation } = await desk.read((records) => records.organisation())
    const newUserId = encodeHex(context.random(16))
    const { answer, seq } = await desk.commit(async (records, now) => {
      const request = { ...given, deviceId: encodeHex(id), newUserId, tag: await drawTag(context, records), secret }
      return decideInvite(await records.user(given.user), request, { now, operator: desk.me })
    })
    return { organisation, device: answer, seq, enrolment }
  }
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

/** A tag that no device of the desk has. */
async function drawTag({ random }: Context, records: Records): Promise<number> {
  for (;;) {
    const tag = new DataView(random(4).buffer).getUint32(0) >>> (32 - TAG_BITS)
    if ((await records.deviceByTag(tag)) === null) return tag
  }
}

/** Options that were decided when the device was added, so --again refuses them. */
const SETTLED = ['user', 'name', 'platform', 'model', 'allowPin'] as const

export function inviteAgain(context: Context, options: InviteOptions): Invite {
  const { again = '' } = options
  const given = SETTLED.find((name) => options[name] !== undefined)
  if (given !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--again takes the device as it is', 'give --again DEVICE alone')
  return async (desk) => {
    const { organisation, device, secret } = await readInvited(desk, again)
    // Seals before the commit, because scrypt is slow. Draws nothing when the decision will be a refusal.
    const enrolment = secret === null ? null : drawEnrolment(context, decodeHex(device.deviceId), secret)
    const { answer, seq } = await desk.commit(async (records, now) => {
      const found = await resolveDevice(records, device.deviceId)
      const decision = decideInviteAgain(found, { now, operator: desk.me })
      // The device was blocked when it was read and is not blocked any more. Without an enrolment code there is no
      // invitation to show, so nothing is committed.
      if (enrolment === null && 'answer' in decision)
        throw new KeydeskError('busy', 'store-changed', 'the device was changed meanwhile', 'repeat the command')
      return decision
    })
    return { organisation, device: answer, seq, enrolment: enrolment as Enrolment }
  }
}

/** `secret` is null where the decision will be a refusal. */
function readInvited(desk: Desk, name: string) {
  return desk.read(async (records) => {
    const device = await resolveDevice(records, name)
    const isOpen = device.state === 'invited' && refuseRole('device.invite', desk.me) === null
    const secret = isOpen ? await records.deviceSecret(device) : null
    return { organisation: (await records.organisation()).name, device, secret }
  })
}
