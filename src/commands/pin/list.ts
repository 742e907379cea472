/** `keydesk pin list` and `revoke`: list the outstanding PINs without their digits, and end them early. */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { refuseTogether } from '../../console/options.ts'
import { writeTime, writeTimeCell } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { LONGEST_PIN_MINUTES } from '../../crypto/pin.ts'
import { formatTag } from '../../crypto/tag.ts'
import { decideRevoke } from '../../desk/pin/decide.ts'
import { expiresAt, listOutstanding, type Outstanding } from '../../desk/pin/state.ts'
import { listDevicesOf, resolveDeviceOf, resolveUser } from '../../operations/user-name.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer, printNdjson } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { renderPlain, renderTable } from '../../term/table.ts'
import { isoTime } from '../../term/time.ts'
import { type OfDevice, WHICH_DEVICE } from './check.ts'

type ListOptions = DeskGlobals & { readonly ndjson?: boolean }

const COLUMNS = [
  { title: 'tag', min: 5 },
  { title: 'device', min: 10 },
  { title: 'user', min: 10 },
  { title: 'for', min: 6 },
  { title: 'delivered', min: 8 },
  { title: 'good until', min: 16 },
]

export function registerList(command: Command, context: Context): void {
  command
    .option('--ndjson', 'one JSON document a line')
    .addHelpText(
      'after',
      '\nWhether an app has taken its PIN already, the desk cannot know.\n\nExample:\n  keydesk pin list',
    )
    .action(() => listPins(context, command.optsWithGlobals<ListOptions>()))
}

async function listPins(context: Context, options: ListOptions): Promise<void> {
  const { io } = context
  refuseTogether(options, 'json', 'ndjson')
  const found = await withDesk(context, options, (desk) =>
    desk.read(async (records) => {
      const pins: Outstanding[] = []
      for await (const device of records.devices()) pins.push(...listOutstanding(device, context.clock()))
      return pins.sort((a, b) => expiresAt(a.issued) - expiresAt(b.issued))
    }),
  )
  if (options.ndjson) return printNdjson(io, found.map(pinJson))
  await printAnswer(io, options, { json: found.map(pinJson), screen: () => renderPins(context, found) })
  if (found.length === 0 && io.stdoutIsTerminal) tell(context, options, 'no PIN is outstanding')
}

function pinJson({ device, audience, issued }: Outstanding): Record<string, unknown> {
  const { deviceId, tag, name, user } = device
  const times = { issuedAt: isoTime(issued.issuedAt), expiresAt: isoTime(expiresAt(issued)) }
  return { deviceId, tag, name, user, for: audience, delivered: issued.delivered, ...times }
}

function renderPins(context: Context, found: readonly Outstanding[]): string {
  const { io } = context
  const rows = found.map(({ device, audience, issued }) => {
    const { tag, name, user } = device
    return [formatTag(tag), name, user, audience, issued.delivered, writeTimeCell(context, expiresAt(issued))]
  })
  if (!io.stdoutIsTerminal) return renderPlain(rows)
  return rows.length === 0 ? '' : renderTable(COLUMNS, rows, io.columns)
}

export function registerRevoke(command: Command, context: Context): void {
  command
    .option(...WHICH_DEVICE)
    .addHelpText('after', '\nExample:\n  keydesk pin revoke zoe@example.ch')
    .action((user: string) => revokePins(context, command.optsWithGlobals<OfDevice>(), user))
}

async function revokePins(context: Context, options: OfDevice, name: string): Promise<void> {
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records, now) => {
      const user = await resolveUser(records, name)
      const named = options.device
      const devices =
        named === undefined ? await listDevicesOf(records, user) : [await resolveDeviceOf(records, user, named)]
      return decideRevoke(user, devices, { now, operator: desk.me })
    }),
  )
  await printAnswer(context.io, options, {
    json: { revoked: answer.map(pinJson), auditSeq: seq },
    screen: () => answer.map(renderRevoked).join(''),
  })
  for (const { device, issued } of answer.filter(({ audience }) => audience === 'device')) {
    const until = writeTime(context, (issued.minute + LONGEST_PIN_MINUTES) * 60_000)
    const alone = `${escapeText(device.name)} checks its PIN alone and cannot be told: it would take this one until ${until}`
    tell(context, options, `${alone}, unless it took a newer one`)
  }
}

const renderRevoked = ({ device, audience }: Outstanding): string =>
  `Revoked the PIN for ${audience === 'desk' ? 'the desk, of ' : ''}${escapeText(`${device.name} of ${device.user}`)}.\n`
