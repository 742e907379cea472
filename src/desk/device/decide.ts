/** The life of a device at the desk: invite, block, unblock, retire. `reset/decide.ts` decides on opening its app. */
import type { HexId } from '../../crypto/bytes.ts'
import { normalizeUser } from '../../crypto/pin.ts'
import type { Refusal } from '../../errors.ts'
import { allow, type Change, type Circumstances, type Decision, refuse } from '../decision.ts'
import {
  type Device,
  type DeviceState,
  deviceSubject,
  NO_PIN,
  type Operator,
  type Platform,
  type Registration,
  type User,
} from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'

export type InviteRequest = {
  readonly deviceId: HexId
  readonly tag: number
  readonly secret: Uint8Array
  readonly user: string
  readonly name: string
  readonly platform: Platform | null
  readonly model: string | null
  readonly registeredBy: Registration
  /** Whether the invitation allows the device a PIN way of its own. */
  readonly pinAllowed: boolean
  /** The id for a new user's record, used if the desk does not know the user yet. */
  readonly newUserId: HexId
}

/** Adds the device. Adds its user as well if the desk does not know them yet. */
export function decideInvite(
  user: User | null,
  request: InviteRequest,
  { now, operator }: Circumstances,
): Decision<Device> {
  const { secret, newUserId, ...given } = request
  const device: Device = { ...given, osVersion: null, appVersion: null, ...newLife(now, operator) }
  const record = { userId: newUserId, name: normalizeUser(request.user), addedAt: now, roles: [], removedAt: null }
  const newUser: Change[] = user === null ? [{ put: 'user', record }] : []
  const details = { newUser: user === null, ...(request.pinAllowed && { pinAllowed: true }) }
  const entry = { action: 'device.invite', subject: deviceSubject(device), details }
  const forbidden = refuseRole('device.invite', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  return allow(entry, [...newUser, { put: 'device', record: device, secret }], device)
}

/** The first values of every new device. */
export const newLife = (now: number, { operatorId }: Operator) =>
  ({
    state: 'invited',
    invitedAt: now,
    invitedBy: operatorId,
    lastConfirmed: null,
    wrongCodes: { day: 0, count: 0 },
    blockedFor: null,
    alarmAt: null,
    pins: { device: NO_PIN, desk: NO_PIN },
    ownPolicy: {},
  }) satisfies Partial<Device>

/**
 * Invites a device again with a new enrolment code, because the first one was lost, or because it was imported without
 * one. Its secret stays: the desk does not learn of enrolments, and a new secret would lock out a device that has this
 * one.
 */
export function decideInviteAgain(device: Device, { operator }: Circumstances): Decision<Device> {
  const entry = { action: 'device.invite', subject: deviceSubject(device), details: { again: true } }
  const forbidden = refuseRole('device.invite', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (device.state !== 'invited')
    return refuse(entry, wrongState(device, `is ${device.state}, and not to be invited again`))
  return allow(entry, [], device)
}

/** Closes a device to resets until an admin unblocks it. */
export function decideBlock(device: Device, reason: string | null, { operator }: Circumstances): Decision<Device> {
  const entry = { action: 'device.block', subject: deviceSubject(device), details: { reason } }
  const forbidden = refuseRole('device.block', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (device.state === 'retired') return refuse(entry, wrongState(device, 'cannot be blocked'))
  return changeState(entry, device, 'blocked', reason ?? 'no reason given')
}

/** Unblocks a device, and clears the count of wrong codes that blocked it. Admin only. */
export function decideUnblock(device: Device, { operator }: Circumstances): Decision<Device> {
  const entry = { action: 'device.unblock', subject: deviceSubject(device), details: { blockedFor: device.blockedFor } }
  const forbidden = refuseRole('device.unblock', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (device.state !== 'blocked') return refuse(entry, wrongState(device, 'is not blocked'))
  const cleared = { ...device, wrongCodes: { ...device.wrongCodes, count: 0 } }
  return changeState(entry, cleared, device.lastConfirmed === null ? 'invited' : 'active', null)
}

/** Ends a device for good: none of its codes is accepted again. */
export function decideRetire(device: Device, { operator }: Circumstances): Decision<Device> {
  const entry = { action: 'device.retire', subject: deviceSubject(device), details: {} }
  const forbidden = refuseRole('device.retire', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  if (device.state === 'retired') return refuse(entry, wrongState(device, 'is retired already'))
  return changeState(entry, device, 'retired', null)
}

type Entry = Parameters<typeof allow>[0]

function changeState(entry: Entry, device: Device, state: DeviceState, blockedFor: string | null): Decision<Device> {
  const record: Device = { ...device, state, blockedFor }
  return allow(entry, [{ put: 'device', record }], record)
}

function wrongState(device: Device, problem: string): Refusal {
  return { kind: 'refused', reason: `device-${device.state}`, message: `${device.name} of ${device.user} ${problem}` }
}
