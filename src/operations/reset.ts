/** The operations that check or confirm a reset code. They read the data for the decision, and then run it. */
import { readResetCode } from '../crypto/codes.ts'
import { parseSpoken } from '../crypto/spoken.ts'
import type { Operator } from '../desk/records/index.ts'
import { SECTIONS_OF } from '../desk/records/roles.ts'
import { VERIFICATION_METHODS } from '../desk/records/verification.ts'
import { NO_PROOF } from '../desk/reset/caller.ts'
import {
  type CheckAnswer,
  type CheckRequest,
  type ConfirmAnswer,
  type ConfirmRequest,
  decideCheck,
  decideConfirm,
  type ResetState,
} from '../desk/reset/decide.ts'
import type { HeardCode } from '../desk/reset/heard-code.ts'
import { isFields, isTextOrNull } from '../guards.ts'
import type { Committed, Decide, Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import { resolveDevice } from './device-name.ts'
import type { Operation } from './operation.ts'
import { isCode, proveCaller } from './totp.ts'

/** The decision's request, but `device` is still the name that the operator gave. */
type Named<R extends CheckRequest> = Omit<R, 'namedDeviceId'> & { readonly device: string | null }
export type CheckByName = Named<CheckRequest>
/** `totp` is the code that the caller read out from their app. */
export type ConfirmByName = Named<ConfirmRequest> & { readonly totp: string | null }

/** Writes no audit entry unless the code is refused. A wrong code counts here too. */
export const checkReset: Operation<CheckByName, CheckAnswer> = {
  accepts: isCheck,
  async perform(desk, { heard, device }) {
    const namedDeviceId = await findNamed(desk, device)
    return desk.consult(async (records, now) => {
      const state = await readState(records, heard, desk.me)
      return decideCheck(state, { heard, namedDeviceId }, records.policy, { now, operator: desk.me })
    })
  },
}

export const confirmReset: Operation<ConfirmByName, Committed<ConfirmAnswer>> = {
  accepts: isConfirm,
  async perform(desk, { device, ...request }) {
    return desk.commit(confirming(desk.me, await findNamed(desk, device), request))
  },
}

/** Returns a function that reads the data for one confirmation and decides on it. */
export function confirming(
  operator: Operator,
  namedDeviceId: string | null,
  { totp, ...request }: Omit<ConfirmByName, 'device'>,
): Decide<ConfirmAnswer> {
  const { heard, verifiedBy } = request
  return async (records, now) => {
    const state = await readState(records, heard, operator)
    const proof = state === null ? NO_PROOF : await proveCaller(records, state.device, { totp, verifiedBy }, now)
    return decideConfirm(state, { ...request, namedDeviceId }, records.policy, { now, operator }, proof)
  }
}

/** Runs before the commit, because finding a device by a part of its name reads all devices. */
async function findNamed(desk: Desk, name: string | null): Promise<string | null> {
  return name === null ? null : (await desk.read((records) => resolveDevice(records, name))).deviceId
}

/** Returns null for an auditor, who has no key to secrets. The decision then refuses the role, with an audit entry. */
async function readState(records: Records, { code }: HeardCode, { role }: Operator): Promise<ResetState> {
  if (!SECTIONS_OF[role].includes('secrets')) return null
  const { tag } = readResetCode(code)
  const device = await records.deviceByTag(tag)
  // "Unknown tag" sends the caller to another desk. A damaged index must not cause that, so after a miss all devices
  // are searched. A miss is rare.
  if (device === null) await records.requireUnknownTag(tag)
  return device === null ? null : { device, secret: await records.deviceSecret(device) }
}

function isCheck(request: unknown): request is CheckByName {
  return isFields(request) && isHeard(request['heard']) && isTextOrNull(request['device'])
}

export function isConfirm(request: unknown): request is ConfirmByName {
  if (!isFields(request) || !isCheck(request)) return false
  const { verifiedBy, totp, ticket, reason } = request as Readonly<Record<string, unknown>>
  const methods: readonly unknown[] = [null, ...VERIFICATION_METHODS]
  // A TOTP code is itself the verification, so `verifiedBy` must agree with it.
  const agrees = totp === null || (isCode(totp) && verifiedBy === 'totp')
  return methods.includes(verifiedBy) && agrees && isTextOrNull(ticket) && isTextOrNull(reason)
}

function isHeard(value: unknown): boolean {
  if (!isFields(value) || typeof value['code'] !== 'string' || !Array.isArray(value['corrections'])) return false
  const parsed = parseSpoken(value['code'], 'reset')
  const known = ['nothing', 'unreadable', 'proposed', 'agreed'].includes(value['corrected'] as string)
  return known && parsed.ok && parsed.code === value['code'] && value['corrections'].every(isCorrection)
}

function isCorrection(value: unknown): boolean {
  if (!isFields(value) || !Number.isInteger(value['at'])) return false
  return typeof value['heard'] === 'string' && typeof value['shouldBe'] === 'string'
}
