/** A new device: its secret is drawn and sealed before the store is opened, for a commit must not hold others up for scrypt. */
import type { Context } from '../context.ts'
import { encodeHex } from '../crypto/bytes.ts'
import { asDeviceSecret, ID_BYTES, SECRET_BYTES } from '../crypto/keys.ts'
import { TAG_BITS } from '../crypto/tag.ts'
import { decideInvite } from '../desk/device.ts'
import type { Platform } from '../desk/records.ts'
import { KeydeskError } from '../errors.ts'
import type { Records } from '../store/records.ts'
import { checkName } from '../term/escape.ts'
import type { Invite, InviteOptions } from './device-invite.ts'
import { drawEnrolment } from './enrolment.ts'
import { preferred } from './preferred.ts'

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
