/**
 * `keydesk device show`: all that an operator may know of one device, and the fields that scripts find in every device.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { Device, Operator } from '../desk/records.ts'
import { formatTag } from '../desk/reset.ts'
import { resolveDevice } from '../operations/device-name.ts'
import { printAnswer } from '../term/answer.ts'
import { renderFields } from '../term/table.ts'
import { isoTime } from '../term/time.ts'
import { type DeskGlobals, withDesk } from './session.ts'
import { writeTime } from './times.ts'

export function registerShow(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk device show zoe')
    .action((name: string) => showDevice(context, command.optsWithGlobals<DeskGlobals>(), name))
}

/** A device as scripts see it, in every command. */
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

async function showDevice(context: Context, options: DeskGlobals, name: string): Promise<void> {
  const { device, confirmer, inviter } = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const found = await resolveDevice(records, name)
      const by = found.lastConfirmed === null ? null : await records.operator(found.lastConfirmed.operator)
      return { device: found, confirmer: by, inviter: await records.operator(found.invitedBy) }
    }),
  )
  const json = { ...deviceJson(device), invitedBy: nameOf(inviter), managementId: device.managementId ?? null }
  const screen = () => renderFields(describeDevice(context, device, { confirmer, inviter }))
  await printAnswer(context.io, options, { json, screen })
}

type People = { readonly confirmer: Operator | null; readonly inviter: Operator | null }
const nameOf = (operator: Operator | null): string => operator?.name ?? 'a former operator'

function describeDevice(context: Context, device: Device, { confirmer, inviter }: People): [string, string][] {
  const { platform, model, osVersion, alarmAt, blockedFor, registeredBy, invitedAt, managementId } = device
  const alarm = (at: number) => `an old code of it was read out on ${writeTime(context, at)}: it may have been copied`
  return [
    ['Device', device.name],
    ['User', device.user],
    ['Tag', formatTag(device.tag)],
    ['State', blockedFor === null ? device.state : `${device.state}: ${blockedFor}`],
    ...(alarmAt === null ? [] : [['Alarm', alarm(alarmAt)] as [string, string]]),
    ['Model', [platform, model, osVersion].filter((part) => part !== null).join(' ') || 'not known'],
    ['Registered', `by ${registeredBy}, invited ${writeTime(context, invitedAt)} by ${nameOf(inviter)}`],
    ...(managementId === undefined ? [] : [['Managed as', managementId] as [string, string]]),
    ['PIN way', device.pinAllowed ? 'allowed by the invitation' : 'not allowed'],
    ['Last reset', describeLastReset(context, device, confirmer)],
    ['Id', device.deviceId],
  ]
}

function describeLastReset(context: Context, { lastConfirmed }: Device, confirmer: Operator | null): string {
  if (lastConfirmed === null) return 'never'
  const { at, epoch } = lastConfirmed
  return `${writeTime(context, at)} by ${nameOf(confirmer)}, epoch ${epoch}`
}
