/**
 * Describes a store: what it is, and how many devices, users, operators and entries it has, counted in one snapshot.
 */
import { encodeHex } from '../crypto/bytes.ts'
import { DEVICE_STATES, type Device, type DeviceState } from '../desk/records/index.ts'
import type { Desk, Inspection } from './desk.ts'
import type { Keeping, SealedRow } from './engine.ts'
import { openEntry } from './records.ts'

export type StoreInfo = Keeping & {
  readonly storeId: string
  readonly organisation: string
  readonly devices: Readonly<Record<DeviceState, number>>
  readonly users: number
  readonly operators: number
  readonly entries: number
  /** Generation of the section keys that new rows are sealed under. */
  readonly generation: number
  readonly newestEntry: { readonly seq: number; readonly at: number } | null
}

export async function readStoreInfo(desk: Pick<Desk, 'inspect'>): Promise<StoreInfo> {
  const { sealer, devices, ...info } = await desk.inspect(readInfo)
  return { ...info, devices: countStates(devices.map((row) => sealer.openListed<Device>('device', row))) }
}

/**
 * Reads everything but the states of the devices. Device rows are opened after the snapshot, because writers wait while
 * it lasts.
 */
async function readInfo({ snapshot, sealer, records }: Inspection) {
  const last = await snapshot.lastEntry()
  return {
    ...(await snapshot.describeKeeping()),
    storeId: encodeHex(snapshot.storeId),
    organisation: (await (await records()).organisation()).name,
    devices: await gatherRows(snapshot.scanRows('device')),
    users: (await gatherRows(snapshot.scanRows('user'))).length,
    // Each present operator has one keyring, and no one else has one.
    operators: (await gatherRows(snapshot.scanRows('keyring'))).length,
    entries: last?.seq ?? 0,
    generation: sealer.generation,
    newestEntry: last === null ? null : { seq: last.seq, at: openEntry(sealer, last).at },
    sealer,
  }
}

function countStates(devices: readonly Device[]): Record<DeviceState, number> {
  const counts = Object.fromEntries(DEVICE_STATES.map((state) => [state, 0])) as Record<DeviceState, number>
  for (const { state } of devices) counts[state]++
  return counts
}

async function gatherRows(rows: AsyncIterable<SealedRow>): Promise<SealedRow[]> {
  const gathered: SealedRow[] = []
  for await (const row of rows) gathered.push(row)
  return gathered
}
