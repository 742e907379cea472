/** `keydesk store info`: prints the path, the organisation and the size of the store. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { withDesk } from '../../session/open.ts'
import { readStoreInfo, type StoreInfo } from '../../store/info.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderFields } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'

export function registerStoreInfo(command: Command, context: Context): void {
  command
    .addHelpText('after', '\nExample:\n  keydesk store info')
    .action(() => showInfo(context, command.optsWithGlobals<DeskGlobals>()))
}

async function showInfo(context: Context, options: DeskGlobals): Promise<void> {
  const info = await withDesk(context, options, readStoreInfo)
  const { place: store, bytes, newestEntry, devices: byState, ...rest } = info
  const devices = countDevices(info)
  const json = {
    store,
    ...rest,
    devices,
    devicesByState: byState,
    bytes,
    bytesPerDevice: devices === 0 ? null : Math.round(bytes / devices),
    newestEntryAt: newestEntry === null ? null : isoTime(newestEntry.at),
  }
  await printAnswer(context.io, options, { json, screen: () => renderFields(describeInfo(context, info)) })
}

const countDevices = ({ devices }: StoreInfo): number => Object.values(devices).reduce((sum, count) => sum + count, 0)

function describeInfo(context: Context, info: StoreInfo): [string, string][] {
  const { place, format, bytes, storeId, organisation, users, operators, entries, newestEntry, generation } = info
  const devices = countDevices(info)
  const states = Object.entries(info.devices).filter(([, count]) => count > 0)
  const byState = states.map(([state, count]) => `${count} ${state}`).join(', ')
  const each = devices === 0 ? '' : `, ${Math.round(bytes / devices)} a device`
  const newest = newestEntry === null ? '' : `, the newest of ${writeTime(context, newestEntry.at)}`
  return [
    ['Organisation', organisation],
    ['Store', place],
    ['Id', storeId],
    ['Format', `${format}, keys of generation ${generation}`],
    ['Devices', devices === 0 ? '0' : `${devices}: ${byState}`],
    ['Users', String(users)],
    ['Operators', String(operators)],
    ['Entries', `${entries}${newest}`],
    ['Size', `${bytes} bytes${each}`],
  ]
}
