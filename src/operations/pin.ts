/** Redeems a PIN that a caller reads out: looks up the user and the device, and commits the decision. */
import { decideRedeem, type RedeemAnswer } from '../desk/pin/decide.ts'
import { isFields, isText, isTextOrNull } from '../guards.ts'
import type { Committed } from '../store/desk.ts'
import type { Operation } from './operation.ts'
import { resolveDeviceOf, resolveUser } from './user-name.ts'

/** `device` is the name that the operator gave. Null: the only one with a PIN, or the user's only device. */
export type RedeemRequest = { readonly user: string; readonly device: string | null; readonly pin: string }

export const redeemPin: Operation<RedeemRequest, Committed<RedeemAnswer>> = {
  accepts: (request): request is RedeemRequest =>
    isFields(request) && isText(request['user']) && isTextOrNull(request['device']) && isPin(request['pin']),
  perform(desk, { user: name, device: deviceName, pin }) {
    return desk.commit(async (records, now) => {
      const user = await resolveUser(records, name)
      const hasPin = ({ pins }: RedeemAnswer['device']) => pins.desk.issued !== null
      const device = await resolveDeviceOf(records, user, deviceName ?? undefined, hasPin)
      const secret = await records.deviceSecret(device)
      const circumstances = { now, operator: desk.me, newestAt: await records.newestAt() }
      return decideRedeem(device, secret, pin, records.policy, circumstances)
    })
  },
}

/** Ten digits: the form in which PINs are compared. */
const isPin = (value: unknown): boolean => isText(value) && /^\d{10}$/.test(value)
