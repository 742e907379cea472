/**
 * `keydesk device import`: adds and updates the devices of a device management's list, all lines or none. This file
 * reads the options and prints the result.
 */
import type { Command } from 'commander'
import { tell } from '../../console/input.ts'
import { refuseTogether } from '../../console/options.ts'
import type { Context } from '../../context.ts'
import { countPlan, refuseLines } from '../../desk/import/devices.ts'
import type { ImportPlan } from '../../desk/import/plan.ts'
import { KeydeskError } from '../../errors.ts'
import { collectMap } from '../../import/columns.ts'
import { readImport } from '../../import/file.ts'
import { printReport, tellRefused } from '../../import/report.ts'
import { withDesk } from '../../session/open.ts'
import { describeImport, planLines } from './import-report.ts'
import { DEVICE_FIELDS, readDeviceRow } from './import-rows.ts'
import { type DeviceFile, type DeviceImportOptions, type Done, runImport } from './import-run.ts'
import { openProvisioning } from './provisioning.ts'

const HELP = `
Columns are found by the names that device managements give them, and shown
first. Running it again changes nothing. Fields:
  ${DEVICE_FIELDS.slice(0, 7)
    .map(({ field }) => field)
    .join(', ')},
  ${DEVICE_FIELDS.slice(7)
    .map(({ field }) => field)
    .join(', ')}

Examples:
  keydesk device import devices.csv --dry-run
  keydesk device import devices.csv --map name=Asset
  keydesk device import devices.csv --provisioning invitations.csv`

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
