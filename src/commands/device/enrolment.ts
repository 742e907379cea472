/**
 * Makes the invitation of a device (§7): seals the device secret under a fresh enrolment code, which is stored nowhere.
 */
import { scrypt } from 'node:crypto'
import type { Context } from '../../context.ts'
import { decodeHex, encodeText, takeSymbols } from '../../crypto/bytes.ts'
import { encodeInvitation } from '../../crypto/invitation.ts'
import { type SlotSeal, type Stretcher, sealSlot, sealSlotBy } from '../../crypto/slot.ts'
import { type EnrolmentCode, encodeSpoken, stripHyphens } from '../../crypto/spoken.ts'
import type { Device } from '../../desk/records/index.ts'

export type Enrolment = { readonly enrolmentCode: EnrolmentCode; readonly slot: Uint8Array }
type Described = Pick<Device, 'deviceId' | 'tag' | 'user' | 'pinAllowed'>

/** Blocks for one scrypt. */
export function drawEnrolment(context: Context, id: Uint8Array, secret: Uint8Array): Enrolment {
  const { enrolmentCode, typed, seal } = drawCode(context, id)
  return { enrolmentCode, slot: sealSlot(typed, secret, seal) }
}

/** Like drawEnrolment, but runs scrypt on a thread of Node's pool: for many devices. */
export async function drawEnrolmentApart(context: Context, id: Uint8Array, secret: Uint8Array): Promise<Enrolment> {
  const { enrolmentCode, typed, seal } = drawCode(context, id)
  return { enrolmentCode, slot: await sealSlotBy(stretchApart, typed, secret, seal) }
}

function drawCode({ random, logN }: Context, id: Uint8Array) {
  const enrolmentCode: EnrolmentCode = encodeSpoken(takeSymbols(random(9), 65), 'enrol')
  const seal: SlotSeal = { kind: 'enrolment', context: id, salt: random(16), logN }
  return { enrolmentCode, typed: encodeText(stripHyphens(enrolmentCode)), seal }
}

export function writeInvitation(device: Described, { slot }: Enrolment, organisation: string): string {
  const { deviceId, tag, user, pinAllowed } = device
  return encodeInvitation({ id: decodeHex(deviceId), tag, slot, organisation, user, pinAllowed })
}

const stretchApart: Stretcher = (typed, salt, length, cost) =>
  new Promise((resolve, reject) =>
    scrypt(typed, salt, length, cost, (error, okm) => (error === null ? resolve(new Uint8Array(okm)) : reject(error))),
  )
