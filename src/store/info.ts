/** What a store is and how much is in it, counted in one snapshot. */
import { encodeHex } from '../crypto/bytes.ts'
import { DEVICE_STATES, type DeviceState } from '../desk/records.ts'
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
  /** Of the keys that new rows are sealed under. */
  readonly generation: number
  readonly newestEntry: { readonly seq: number; readonly at: number } | null
}

export function readStoreInfo(desk: Pick<Desk, 'inspect'>): Promise<StoreInfo> {
  return desk.inspect(async (inspection) => {
    const { snapshot, sealer, records } = inspection
    const last = await snapshot.lastEntry()
    return {
      ...(await snapshot.describeKeeping()),
      storeId: encodeHex(snapshot.storeId),
      organisation: (await records.organisation()).name,
      devices: await countDevices(inspection),
      users: await countRows(snapshot.scanRows('user')),
      // Whoever may act here has a keyring, and nobody else.
      operators: await countRows(snapshot.scanRows('keyring')),
      entries: last?.seq ?? 0,
      generation: sealer.generation,
      newestEntry: last === null ? null : { seq: last.seq, at: openEntry(sealer, last).at },
    }
  })
}

async function countDevices({ records }: Inspection): Promise<Record<DeviceState, number>> {
  const counts = Object.fromEntries(DEVICE_STATES.map((state) => [state, 0])) as Record<DeviceState, number>
  for await (const { state } of records.devices()) counts[state]++
  return counts
}

async function countRows(rows: AsyncIterable<SealedRow>): Promise<number> {
  let count = 0
  for await (const _ of rows) count++
  return count
}
