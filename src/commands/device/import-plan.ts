/** Plans an import against the current state of the desk, and checks whether that state has changed since. */
import { normalizeUser } from '../../crypto/pin.ts'
import { indexDevices } from '../../desk/import/match.ts'
import { type DeskBefore, type ImportPlan, planImport } from '../../desk/import/plan.ts'
import type { DeviceRow } from '../../desk/import/rows.ts'
import type { Device } from '../../desk/records/index.ts'
import { SECTIONS_OF } from '../../desk/records/roles.ts'
import type { ImportFile } from '../../import/file.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'

/** A plan, and the number of the newest entry when the plan was made. */
export type Planned = { readonly plan: ImportPlan; readonly before: DeskBefore; readonly seq: number }
type File = Pick<ImportFile<DeviceRow, string>, 'rows' | 'faults'>

export function planNow(desk: Desk, file: File): Promise<Planned> {
  return desk.inspect(async ({ snapshot, records }) => {
    const seq = (await snapshot.lastEntry())?.seq ?? 0
    // A role without the secrets section is refused later, so the plan for it reads no secrets.
    return planAt(await records(), file, seq, SECTIONS_OF[desk.me.role].includes('secrets'))
  })
}

export async function planAt(records: Records, file: File, seq: number, withSecrets = true): Promise<Planned> {
  const before = await readBefore(records, file.rows, withSecrets)
  const plan = planImport(file.rows, before)
  return { plan: { ...plan, refused: [...file.faults, ...plan.refused] }, before, seq }
}

/** True if any entry is newer than the plan: every change of the desk adds an entry. */
export async function hasChanged(records: Records, { seq }: Planned): Promise<boolean> {
  for await (const _ of records.entries(seq)) return true
  return false
}

async function readBefore(records: Records, rows: readonly DeviceRow[], withSecrets: boolean): Promise<DeskBefore> {
  const found: Device[] = []
  for await (const device of records.devices()) found.push(device)
  const devices = indexDevices(found)
  const secrets = new Map<string, Uint8Array>()
  for (const { secret, deviceId } of withSecrets ? rows : []) {
    const device = secret === null ? undefined : devices.byId.get(deviceId ?? '')
    if (device !== undefined) secrets.set(device.deviceId, await records.deviceSecret(device))
  }
  const users = new Set<string>()
  for await (const { name } of records.users()) users.add(normalizeUser(name))
  return { devices, users, secrets }
}
