/**
 * `keydesk device invite --again`: another invitation for a device that was imported without one, or whose first one was lost. The secret is
 * the one that the device has, for it may be enrolled already; so an earlier invitation stays as good as this one.
 */
import type { Context } from '../context.ts'
import { decodeHex } from '../crypto/bytes.ts'
import { decideInviteAgain } from '../desk/device.ts'
import { refuseRole } from '../desk/roles.ts'
import { KeydeskError } from '../errors.ts'
import { resolveDevice } from '../operations/device-name.ts'
import type { Desk } from '../store/desk.ts'
import type { Invite, InviteOptions } from './device-invite.ts'
import { drawEnrolment, type Enrolment } from './enrolment.ts'

/** What was settled when the device came in. */
const SETTLED = ['user', 'name', 'platform', 'model', 'allowPin'] as const

export function inviteAgain(context: Context, options: InviteOptions): Invite {
  const { again = '' } = options
  const given = SETTLED.find((name) => options[name] !== undefined)
  if (given !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--again takes the device as it is', 'give --again DEVICE alone')
  return async (desk) => {
    const { organisation, device, secret } = await readInvited(desk, again)
    // Sealed before the commit: it takes as long as scrypt does. Nothing is drawn for what will be refused.
    const enrolment = secret === null ? null : drawEnrolment(context, decodeHex(device.deviceId) as Uint8Array, secret)
    const { answer, seq } = await desk.commit(async (records, now) => {
      const found = await resolveDevice(records, device.deviceId)
      const decision = decideInviteAgain(found, { now, operator: desk.me })
      // It was blocked when it was read, and is no more: what cannot be shown does not go on record.
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
