/** The plan of an import against the desk as it stands, and whether it still stands so. */
import { normalizeUser } from '../../crypto/pin.ts'
import { indexDevices } from '../../desk/import/match.ts'
import { type DeskBefore, type ImportPlan, planImport } from '../../desk/import/plan.ts'
import type { DeviceRow } from '../../desk/import/rows.ts'
import type { Device } from '../../desk/records/index.ts'
import { SECTIONS_OF } from '../../desk/records/roles.ts'
import type { ImportFile } from '../../import/file.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'

/** A plan, and the newest entry of the state that it was made for. */
export type Planned = { readonly plan: ImportPlan; readonly before: DeskBefore; readonly seq: number }
type File = Pick<ImportFile<DeviceRow, string>, 'rows' | 'faults'>

export function planNow(desk: Desk, file: File): Promise<Planned> {
  return desk.inspect(async ({ snapshot, records }) => {
    const seq = (await snapshot.lastEntry())?.seq ?? 0
    // Who may not open secrets is refused by their role, and needs none for that.
    return planAt(await records(), file, seq, SECTIONS_OF[desk.me.role].includes('secrets'))
  })
}

export async function planAt(records: Records, file: File, seq: number, withSecrets = true): Promise<Planned> {
  const before = await readBefore(records, file.rows, withSecrets)
  const plan = planImport(file.rows, before)
  return { plan: { ...plan, refused: [...file.faults, ...plan.refused] }, before, seq }
}

/** Whatever changes the desk leaves an entry. */
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
