/** Redeeming a PIN that a caller reads out: the operation looks up the user and the device, and commits the decision. */
import { decideRedeem, type RedeemAnswer } from '../desk/pin/decide.ts'
import { isFields, isText, isTextOrNull } from '../guards.ts'
import type { Committed } from '../store/desk.ts'
import type { Operation } from './operation.ts'
import { resolveDeviceOf, resolveUser } from './user-name.ts'

/** `device` is the name that the operator gave; null for the user's only device, or the one that a PIN was issued for. */
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

/** Ten digits, as a PIN is compared. */
const isPin = (value: unknown): boolean => isText(value) && /^\d{10}$/.test(value)
