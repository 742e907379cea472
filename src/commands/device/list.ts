/** `keydesk device list`: filters and sorts devices, and prints them as a table, plain lines, CSV, JSON or NDJSON. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { choice, parseCount, refuseTogether } from '../../console/options.ts'
import { writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import { createPick, type Picked } from '../../desk/device/pick.ts'
import { createSearch, type DeviceFilter, SORT_FIELDS, type SortField } from '../../desk/device/search.ts'
import { DEVICE_STATES, type Device, PLATFORMS } from '../../desk/records/index.ts'
import { MOST_FOUND } from '../../operations/device-find.ts'
import { openSession, withDesk } from '../../session/open.ts'
import { readDevices } from '../../store/devices.ts'
import { printAnswer, renderNdjson } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { renderCsv, renderPlain, renderTable } from '../../term/table.ts'
import { deviceJson } from './json.ts'

type ListOptions = DeskGlobals &
  DeviceFilter & {
    readonly sort?: SortField
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
    .option('--search <text>', 'only devices with these words in name, user, model or tag; close ones if none has them')
    .addOption(
      choice('--sort <field>', 'sort by this field; name unless told, --ndjson as they were added', SORT_FIELDS),
    )
    .option('--limit <n>', 'at most so many', parseCount)
    .option('--csv', 'comma-separated values, for spreadsheets')
    .option('--ndjson', 'one JSON document a line')
    .addHelpText('after', '\nExample:\n  keydesk device list --search "zoe iphone"')
    .action(() => listDevices(context, command.optsWithGlobals<ListOptions>()))
}

async function listDevices(context: Context, options: ListOptions): Promise<void> {
  refuseTogether(options, 'json', 'ndjson', 'csv')
  const asAdded = options.ndjson === true && options.sort === undefined && options.limit === undefined
  if (asAdded && (await streamDevices(context, options))) return
  await showPicked(context, options, await pickDevices(context, options))
}

/**
 * Writes each batch as it is read: memory does not grow with the number of devices, and a slow reader of the output
 * blocks no writer. Resolves to whether a device matched. If none did, the caller searches all devices for close ones.
 */
async function streamDevices(context: Context, options: ListOptions): Promise<boolean> {
  const { io } = context
  const { matches } = createSearch(options)
  return withDesk(context, options, async (desk) => {
    let any = false
    for await (const devices of readDevices(desk)) {
      const found = devices.filter(matches)
      any ||= found.length > 0
      io.out(renderNdjson(found.map(deviceJson)))
      if (io.outIsClosed) return true
    }
    return any
  })
}

/** A small limit is answered by the agent, which has the devices in memory. */
async function pickDevices(context: Context, options: ListOptions): Promise<Picked<Device>> {
  const { user, platform, state, search, limit, sort = 'name' } = options
  if (limit !== undefined && limit <= MOST_FOUND)
    return openSession(context, options).perform('device.find', {
      filter: { user, platform, state, search },
      sort,
      limit,
    })
  const pick = createPick<Device>(options)
  await withDesk(context, options, async (desk) => {
    for await (const devices of readDevices(desk)) for (const device of devices) pick.add(device)
  })
  return pick.finish(sort, limit ?? Number.POSITIVE_INFINITY)
}

async function showPicked(context: Context, options: ListOptions, picked: Picked<Device>): Promise<void> {
  const { io } = context
  const { devices, more, areClose } = picked
  const json = devices.map((device) => ({ ...deviceJson(device), ...(areClose && { close: true }) }))
  if (options.ndjson) io.out(renderNdjson(json))
  else if (options.csv) io.out(renderCsv(CSV_HEADER, devices.map(csvRow)))
  else await printAnswer(io, options, { json, screen: () => renderList(context, devices) })
  if (areClose) tell(context, options, `nothing is called ${escapeText(options.search ?? '')}; this comes close`)
  if (!io.stdoutIsTerminal) return
  if (devices.length === 0) tell(context, options, 'no device matches')
  if (more > 0) tell(context, options, `${more} more; without --limit all are listed`)
}

function csvRow(device: Device): string[] {
  const json = deviceJson(device)
  return CSV_HEADER.map((field) => String(json[field] ?? ''))
}

/** On a terminal the state also shows an alarm: a copy of the device may exist. */
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
