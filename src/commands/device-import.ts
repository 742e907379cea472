/**
 * `keydesk device import`: the devices of a device management's list, all or none, in one commit. The order: read, plan, seal invitations and
 * write them with blanks, commit, then the codes. What is slow is done before the store is closed to others.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import {
  countPlan,
  decideImport,
  deviceBytes,
  drawDevices,
  type ImportCounts,
  type NewDevice,
  refuseLines,
  userBytes,
} from '../desk/import.ts'
import type { ImportPlan } from '../desk/import-plan.ts'
import type { DeviceRow } from '../desk/import-rows.ts'
import { refuseRole } from '../desk/roles.ts'
import { KeydeskError } from '../errors.ts'
import type { Desk } from '../store/desk.ts'
import { createProgress, type Progress } from '../term/progress.ts'
import { describeImport, planLines } from './device-report.ts'
import { DEVICE_FIELDS, type DeviceField, readDeviceRow } from './device-rows.ts'
import { collectMap } from './import-columns.ts'
import { type ImportFile, type ImportOptions, readImport } from './import-file.ts'
import { hasChanged, type Planned, planAt, planNow } from './import-planning.ts'
import { printReport, tellRefused } from './import-report.ts'
import { tell } from './input.ts'
import { refuseTogether } from './options.ts'
import { openProvisioning, type Provisioning, sealInvitations } from './provisioning.ts'
import { withDesk } from './session.ts'

export type DeviceImportOptions = ImportOptions & { readonly provisioning?: string }
type DeviceFile = ImportFile<DeviceRow, DeviceField>
type Done = {
  readonly counts: ImportCounts
  readonly seq: number | null
  readonly plan: ImportPlan
  readonly devices: readonly NewDevice[]
}

const HELP = `
Columns are found by the names that device managements give them, and shown first.
FILE is UTF-8, - is standard input. Running it again changes nothing.

Fields: ${DEVICE_FIELDS.map(({ field }) => field).join(', ')}.

Example:
  keydesk device import devices.csv --dry-run
  keydesk device import devices.csv --map name=Asset --provisioning invitations.csv`

export function registerImport(command: Command, context: Context): void {
  command
    .option('--map <field=column>', 'which column a field is; without a column it is left out (repeatable)', collectMap)
    .option('--dry-run', 'only show, line by line, what would be done')
    .option('--provisioning <out>', 'write invitations with their codes for the new devices (CSV, or .ndjson)')
    .option('--ndjson', 'one JSON document for each line of the file')
    .addHelpText('after', HELP)
    .action((file: string) => importDevices(context, command.optsWithGlobals<DeviceImportOptions>(), file))
}

async function importDevices(context: Context, options: DeviceImportOptions, name: string): Promise<void> {
  refuseTogether(options, 'json', 'ndjson')
  const file = await readImport(context, options, name, { fields: DEVICE_FIELDS, readRow: readDeviceRow })
  const out = options.provisioning === undefined || options.dryRun ? null : openProvisioning(options.provisioning)
  try {
    const done = await withDesk(context, options, (desk) => runImport(context, options, { desk, file, out }))
    await printDone(context, options, file, done)
    if (options.dryRun) throwRefused(done.plan)
  } catch (error) {
    tellRefused(context, options, error)
    throw error
  } finally {
    out?.abandon()
  }
}

function throwRefused(plan: ImportPlan): void {
  const refusal = refuseLines(plan.refused, countPlan(plan).lines)
  if (refusal !== null) throw KeydeskError.of(refusal)
}

type Work = { readonly desk: Desk; readonly file: DeviceFile; readonly out: Provisioning | null }

async function runImport(context: Context, options: DeviceImportOptions, { desk, file, out }: Work): Promise<Done> {
  const planned = await planNow(desk, file)
  const { plan } = planned
  const counts = countPlan(plan)
  const forbidden = refuseRole('device.import', desk.me)
  if (options.dryRun && forbidden !== null) throw KeydeskError.of(forbidden)
  const isIdle = counts.added + counts.changed + counts.refused === 0 && forbidden === null
  // Nothing to write is nothing to put on record.
  if (options.dryRun || isIdle) return { counts, seq: null, plan, devices: [] }
  const drawn = drawFor(context, planned)
  const isRefused = counts.refused > 0 || forbidden !== null
  // First with nothing in it: that it can be written is known before hours of sealing.
  if (!isRefused) out?.reserve([])
  const invitations = out === null || isRefused ? [] : await inviteAll(context, options, desk, drawn)
  if (!isRefused) out?.reserve(invitations)
  const done = await commitImport(context, options, { desk, file, out }, { planned, devices: drawn })
  out?.complete(invitations)
  return done
}

/** So many invitations take a while. */
const MANY = 100

const drawFor = ({ random }: Context, { plan, before }: Planned): NewDevice[] =>
  drawDevices(plan, random(deviceBytes(plan)), before.devices.tags)

function startProgress(context: Context, options: DeviceImportOptions, title: string): Progress {
  return createProgress(context.io, title, context.clock, options.quiet === true || options.json === true)
}

async function inviteAll(context: Context, options: DeviceImportOptions, desk: Desk, devices: readonly NewDevice[]) {
  const { name: organisation } = await desk.read((records) => records.organisation())
  if (devices.length >= MANY)
    tell(context, options, `${devices.length} invitations are sealed first, at about 0.4 s each on one processor`)
  const progress = startProgress(context, options, 'sealing invitations')
  try {
    return await sealInvitations(context, devices, organisation, progress)
  } finally {
    progress.end()
  }
}

type Prepared = { readonly planned: Planned; readonly devices: readonly NewDevice[] }

/** The plan holds as long as nobody wrote since; else it is made anew, and what was sealed must still be what comes in. */
async function commitImport(
  context: Context,
  options: DeviceImportOptions,
  work: Work,
  prepared: Prepared,
): Promise<Done> {
  const { desk, file, out } = work
  let current = prepared
  const progress = startProgress(context, options, 'writing')
  progress.show(0, prepared.planned.plan.lines.length)
  try {
    const { answer, seq } = await desk.commit(async (records, now) => {
      if (await hasChanged(records, prepared.planned)) {
        const planned = await planAt(records, file, prepared.planned.seq)
        current = { planned, devices: out === null ? drawFor(context, planned) : requireSame(prepared, planned) }
      }
      const { planned, devices } = current
      const userIds = context.random(userBytes(planned.plan.newUsers))
      const request = { plan: planned.plan, devices, userIds, provisioning: out !== null }
      return decideImport(request, { now, operator: desk.me })
    })
    return { counts: answer, seq, plan: current.planned.plan, devices: current.devices }
  } finally {
    progress.end()
  }
}

/** Invitations are sealed for these devices, with these tags. */
function requireSame({ devices }: Prepared, { plan, before }: Planned): readonly NewDevice[] {
  const rows = plan.lines.filter(({ what }) => what === 'add').map(({ row }) => row)
  const isSame = rows.length === devices.length && rows.every((row, i) => row === devices[i]?.row)
  if (isSame && devices.every(({ tag }) => !before.devices.tags.has(tag))) return devices
  const message = 'the desk’s devices were changed meanwhile; nothing was imported'
  throw new KeydeskError('busy', 'store-changed', message, 'repeat the command')
}

async function printDone(context: Context, options: DeviceImportOptions, file: DeviceFile, done: Done): Promise<void> {
  const { counts, seq, plan, devices } = done
  const provisioning = seq === null ? null : (options.provisioning ?? null)
  await printReport(context, options, {
    columns: file.columns,
    counts,
    auditSeq: seq,
    more: { provisioning },
    lines: () => planLines(plan, devices),
    summary: describeImport(counts, options.dryRun === true),
  })
  const invited = devices.filter(({ row }) => row.secret === null).length
  if (seq === null || invited === 0) return
  if (provisioning === null)
    return tell(
      context,
      options,
      'the new devices have no invitation yet: keydesk device invite --again DEVICE makes one',
    )
  const worth = 'whoever reads it can enrol as these devices and open them: push it, then delete it'
  tell(context, options, `warning: ${provisioning} holds invitations and their codes; ${worth}`)
}
