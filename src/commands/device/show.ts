/** `keydesk device show`: prints everything that an operator may know about one device. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { resolveDevice } from '../../operations/device-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderFields } from '../../term/table.ts'
import {
  type DeviceHistory,
  describeLastCall,
  describeLastReset,
  describePins,
  describeRecord,
  describeState,
  type Field,
  historyJson,
  readHistory,
} from './history.ts'
import { deviceJson } from './json.ts'

export function registerShow(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk device show zoe')
    .action((name: string) => showDevice(context, command.optsWithGlobals<DeskGlobals>(), name))
}

async function showDevice(context: Context, options: DeskGlobals, name: string): Promise<void> {
  const history = await withDesk(context, options, async (desk) =>
    readHistory(desk, await desk.read((records) => resolveDevice(records, name)), context.clock()),
  )
  const width = context.io.stdoutIsTerminal ? context.io.columns : undefined
  await printAnswer(context.io, options, {
    json: { ...deviceJson(history.device), ...historyJson(history) },
    screen: () => renderFields(describeDevice(context, history), width),
  })
}

function describeDevice(context: Context, history: DeviceHistory): Field[] {
  const { device, nameOf } = history
  const { platform, model, osVersion, alarmAt, registeredBy, invitedAt, invitedBy, managementId } = device
  const alarm = (at: number) => `an old code of it was read out on ${writeTime(context, at)}: it may have been copied`
  return [
    ['Device', device.name],
    ['User', device.user],
    ['Tag', formatTag(device.tag)],
    ['State', describeState(context, history)],
    ...(alarmAt === null ? [] : [['Alarm', alarm(alarmAt)] as Field]),
    ['Model', [platform, model, osVersion].filter((part) => part !== null).join(' ') || 'not known'],
    ['Registered', `by ${registeredBy}, invited ${writeTime(context, invitedAt)} by ${nameOf(invitedBy)}`],
    ...(managementId === undefined ? [] : [['Managed as', managementId] as Field]),
    ['PIN way', device.pinAllowed ? 'allowed by the invitation' : 'not allowed'],
    ...describePins(context, history),
    ['Last reset', describeLastReset(context, history)],
    ...describeLastCall(context, history),
    ['Id', device.deviceId],
    ...describeRecord(context, history),
  ]
}
