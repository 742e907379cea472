/** Describes a device at a glance: the device, its user, its dates, and anything unusual, in words. */
import { formatTag } from '../../../crypto/tag.ts'
import { listOutstanding } from '../../../desk/pin/state.ts'
import type { Device } from '../../../desk/records/index.ts'
import { formatDuration, formatLocal } from '../../../term/time.ts'
import type { Facts } from '../facts.ts'

const DAY_MS = 86_400_000
/** A second reset within seven days is rare: the caller may not be the person who called before. */
const SOON_MS = 7 * DAY_MS
const APPS = { active: 'in force', pending: 'set up, and not proven yet', none: 'none' } as const

/** True if the desk refuses every reset code of the device. */
export const isClosed = ({ state }: Pick<Device, 'state'>): boolean => state === 'blocked' || state === 'retired'

export function describeFacts(facts: Facts): [string, string][] {
  const { device, confirmedBy, app, at } = facts
  const { name, user, tag, platform, model, osVersion, invitedAt, lastConfirmed } = device
  const ago = (then: number) => `${formatLocal(then)}, ${formatDuration(Math.max(0, at - then) / 1000)} ago`
  return [
    ['Device', `${name}  (${formatTag(tag)})`],
    ['User', user],
    ['Model', [platform, model, osVersion].filter((part) => part !== null).join(' ') || 'not known'],
    ['State', device.state],
    ['Since', `invited ${ago(invitedAt)}`],
    [
      'Last reset',
      lastConfirmed === null ? 'never' : `${ago(lastConfirmed.at)}, by ${confirmedBy ?? 'a former operator'}`,
    ],
    ['App', `authenticator app: ${APPS[app]}`],
    ['PIN', describePins(facts)],
  ]
}

function describePins({ device, at }: Facts): string {
  const out = listOutstanding(device, at).map(({ audience, issued }) => {
    const how = issued.delivered === 'mail' ? 'in a mail' : 'read out'
    return `one is good for ${audience === 'desk' ? 'this desk' : 'the app'}, ${how} ${formatLocal(issued.issuedAt)}`
  })
  return out.join('; ') || 'none outstanding'
}

/** Warnings for the operator. Empty for an ordinary device. */
export function findOddities({ device, at }: Facts): string[] {
  const { state, blockedFor, alarmAt, wrongCodes, lastConfirmed, deviceId } = device
  const isToday = wrongCodes.day === Math.floor(at / DAY_MS) && wrongCodes.count > 0
  const sinceReset = lastConfirmed === null ? Number.POSITIVE_INFINITY : at - lastConfirmed.at
  return [
    ...(state === 'blocked'
      ? [`BLOCKED: ${blockedFor}. An administrator must look at it first: keydesk device unblock ${deviceId}`]
      : []),
    ...(state === 'retired'
      ? ['RETIRED: no code of it is taken. It must be enrolled anew: keydesk device invite']
      : []),
    ...(alarmAt !== null
      ? [
          `ALARM: an old code of it was read out on ${formatLocal(alarmAt)}. It may have been copied: tell your administrator`,
        ]
      : []),
    ...(isToday ? [`WRONG CODES: ${wrongCodes.count} today that were not genuine`] : []),
    ...(sinceReset >= 0 && sinceReset < SOON_MS
      ? [`RESET BEFORE: ${formatDuration(sinceReset / 1000)} ago. Ask the caller about it`]
      : []),
    ...(sinceReset < 0 ? ['CLOCK: its last reset lies ahead of this machine’s clock'] : []),
  ]
}
