/** `keydesk device list`: filtered, sorted, as a table, plain lines, CSV, JSON or NDJSON. */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { compareDevices, type DeviceFilter, matchesDevice, SORT_FIELDS, type SortField } from '../desk/device-search.ts'
import { DEVICE_STATES, type Device, PLATFORMS } from '../desk/records.ts'
import { formatTag } from '../desk/reset.ts'
import { printAnswer, printNdjson } from '../term/answer.ts'
import { renderCsv, renderPlain, renderTable } from '../term/table.ts'
import { deviceJson } from './device-show.ts'
import { tell } from './input.ts'
import { choice, parseCount, refuseTogether } from './options.ts'
import { type DeskGlobals, withDesk } from './session.ts'
import { writeTimeCell } from './times.ts'

type ListOptions = DeskGlobals &
  DeviceFilter & {
    readonly sort: SortField
    readonly limit?: number
    readonly csv?: boolean
    readonly ndjson?: boolean
  }

const COLUMNS = [
  { title: 'tag', min: 5 },
  { title: 'name', min: 10 },
  { title: 'user', min: 10 },
  { title: 'model' },
  { title: 'state', min: 7 },
  { title: 'last reset', min: 16 },
]
const CSV_HEADER =
  'deviceId tag name user platform model osVersion appVersion registeredBy state lastConfirmedEpoch lastResetAt'.split(
    ' ',
  )

export function registerList(command: Command, context: Context): void {
  command
    .option('--user <name>', 'only devices of this user')
    .addOption(choice('--platform <platform>', 'only this platform', PLATFORMS))
    .addOption(choice('--state <state>', 'only devices in this state', DEVICE_STATES))
    .option('--search <text>', 'only devices with these words in name, user, model or tag')
    .addOption(choice('--sort <field>', 'sort by this field', SORT_FIELDS).default('name'))
    .option('--limit <n>', 'at most so many', parseCount)
    .option('--csv', 'comma-separated values, for spreadsheets')
    .option('--ndjson', 'one JSON document a line')
    .addHelpText('after', '\nExample:\n  keydesk device list --search "zoe iphone"')
    .action(() => listDevices(context, command.optsWithGlobals<ListOptions>()))
}

async function listDevices(context: Context, options: ListOptions): Promise<void> {
  const { io } = context
  refuseTogether(options, 'json', 'ndjson', 'csv')
  const found = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const devices: Device[] = []
      for await (const device of records.devices()) if (matchesDevice(device, options)) devices.push(device)
      return devices.sort(compareDevices(options.sort))
    }),
  )
  const devices = found.slice(0, options.limit)
  if (options.ndjson) return printNdjson(io, devices.map(deviceJson))
  if (options.csv) return io.out(renderCsv(CSV_HEADER, devices.map(csvRow)))
  await printAnswer(io, options, { json: devices.map(deviceJson), screen: () => renderList(context, devices) })
  if (!io.stdoutIsTerminal) return
  if (found.length === 0) tell(context, options, 'no device matches')
  if (found.length > devices.length)
    tell(context, options, `${found.length - devices.length} more; without --limit all are listed`)
}

function csvRow(device: Device): string[] {
  const json = deviceJson(device)
  return CSV_HEADER.map((field) => String(json[field] ?? ''))
}

/** `state` says more to a person than to a script: that a copy of the device may be about. */
function renderList(context: Context, devices: readonly Device[]): string {
  const { io } = context
  const rows = devices.map(({ tag, name, user, model, state, alarmAt, lastConfirmed }) => {
    const lastReset = lastConfirmed === null ? 'never' : writeTimeCell(context, lastConfirmed.at)
    const stands = io.stdoutIsTerminal && alarmAt !== null ? `${state}, alarm` : state
    return [formatTag(tag), name, user, model ?? '', stands, lastReset]
  })
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return devices.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}
