/**
 * Runs an import of devices in this order:
 * - Plan the import.
 * - Seal the invitations and write them with blanks in place of the codes.
 * - Commit.
 * - Write the codes into the file.
 *
 * The slow work comes before the commit, so that other writers do not wait for it.
 */
import { tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import {
  countPlan,
  decideImport,
  deviceBytes,
  drawDevices,
  type ImportCounts,
  type NewDevice,
  userBytes,
} from '../../desk/import/devices.ts'
import type { ImportPlan } from '../../desk/import/plan.ts'
import type { DeviceRow } from '../../desk/import/rows.ts'
import { refuseRole } from '../../desk/records/roles.ts'
import { KeydeskError } from '../../errors.ts'
import type { ImportFile, ImportOptions } from '../../import/file.ts'
import type { Desk } from '../../store/desk.ts'
import { createProgress, type Progress } from '../../term/progress.ts'
import { hasChanged, type Planned, planAt, planNow } from './import-plan.ts'
import type { DeviceField } from './import-rows.ts'
import { type Provisioning, sealInvitations } from './provisioning.ts'

export type DeviceImportOptions = ImportOptions & { readonly provisioning?: string }
export type DeviceFile = ImportFile<DeviceRow, DeviceField>
export type Done = {
  readonly counts: ImportCounts
  readonly seq: number | null
  readonly plan: ImportPlan
  readonly devices: readonly NewDevice[]
}

type Work = { readonly desk: Desk; readonly file: DeviceFile; readonly out: Provisioning | null }

export async function runImport(
  context: Context,
  options: DeviceImportOptions,
  { desk, file, out }: Work,
): Promise<Done> {
  const planned = await planNow(desk, file)
  const { plan } = planned
  const counts = countPlan(plan)
  const forbidden = refuseRole('device.import', desk.me)
  if (options.dryRun && forbidden !== null) throw KeydeskError.of(forbidden)
  const isIdle = counts.added + counts.changed + counts.refused === 0 && forbidden === null
  // No change means no commit and no audit entry.
  if (options.dryRun || isIdle) return { counts, seq: null, plan, devices: [] }
  const drawn = drawFor(context, planned)
  const isRefused = counts.refused > 0 || forbidden !== null
  // Writes an empty file first: an unwritable file is found before hours of sealing.
  if (!isRefused) out?.reserve([])
  const invitations = out === null || isRefused ? [] : await inviteAll(context, options, desk, drawn)
  if (!isRefused) out?.reserve(invitations)
  const done = await commitImport(context, options, { desk, file, out }, { planned, devices: drawn })
  out?.complete(invitations)
  return done
}

/** From this number of invitations on, the operator is told how long sealing takes. */
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

/**
 * Commits the plan. If the desk has changed since the plan was made, the import is planned again. Sealed invitations
 * must then still match the new plan.
 */
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
      // A refused plan is not planned again, even if its cause is fixed by now: its invitations were never sealed.
      const isRefused = prepared.planned.plan.refused.length > 0
      if (!isRefused && (await hasChanged(records, prepared.planned))) {
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

/** Sealed invitations hold these devices and tags. Throws `busy` if the new plan needs others. */
function requireSame({ devices }: Prepared, { plan, before }: Planned): readonly NewDevice[] {
  const rows = plan.lines.filter(({ what }) => what === 'add').map(({ row }) => row)
  const isSame = rows.length === devices.length && rows.every((row, i) => row === devices[i]?.row)
  if (isSame && devices.every(({ tag }) => !before.devices.tags.has(tag))) return devices
  const message = 'the desk’s devices were changed meanwhile; nothing was imported'
  throw new KeydeskError('busy', 'store-changed', message, 'repeat the command')
}
