/** The JSON fields of a device, the same in every command. */
import type { Device } from '../../desk/records/index.ts'
import { isoTime } from '../../term/time.ts'

export function deviceJson(device: Device): Record<string, unknown> {
  const { deviceId, tag, name, user, platform, model, osVersion, appVersion, registeredBy, state } = device
  const { lastConfirmed, blockedFor, alarmAt, invitedAt, pinAllowed, ownPolicy } = device
  return {
    ...{ deviceId, tag, name, user, platform, model, osVersion, appVersion, registeredBy, state },
    lastConfirmedEpoch: lastConfirmed?.epoch ?? null,
    lastResetAt: lastConfirmed === null ? null : isoTime(lastConfirmed.at),
    blockedFor,
    alarmAt: alarmAt === null ? null : isoTime(alarmAt),
    invitedAt: isoTime(invitedAt),
    pinAllowed,
    ownPolicy,
  }
}
