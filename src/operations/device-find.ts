/**
 * Finds devices for a listing that shows only a few of them. It searches the agent's directory, which takes an instant
 * even in a large fleet.
 */
import { createPick, type Picked } from '../desk/device/pick.ts'
import { type DeviceFilter, SORT_FIELDS, type SortField } from '../desk/device/search.ts'
import type { Device } from '../desk/records/index.ts'
import { isFields, isOptionalText } from '../guards.ts'
import type { Desk } from '../store/desk.ts'
import type { HeldDevice } from './name-directory.ts'
import type { Operation } from './operation.ts'

/** A longer answer would not fit in one message. */
export const MOST_FOUND = 500

export type FindRequest = { readonly filter: DeviceFilter; readonly sort: SortField | null; readonly limit: number }

export const findDevices: Operation<FindRequest, Picked<Device>> = {
  accepts: isFind,
  onlyLooks: true,
  async perform(desk, { filter, sort, limit }, directory) {
    const pick = createPick<HeldDevice>(filter)
    for (const device of await directory.devices(desk)) pick.add(device)
    const picked = pick.finish(sort, limit)
    return { ...picked, devices: await readAll(desk, picked.devices) }
  },
}

/** Reads the complete and current records of the devices that were found. */
function readAll(desk: Desk, held: readonly HeldDevice[]): Promise<Device[]> {
  return desk.read(async (records) => {
    const found: Device[] = []
    for (const { deviceId } of held) {
      const device = await records.device(deviceId)
      if (device !== null) found.push(device)
    }
    return found
  })
}

function isFind(request: unknown): request is FindRequest {
  if (!isFields(request) || !isFields(request['filter'])) return false
  const { filter, sort, limit } = request
  const { user, platform, state, search } = filter as Readonly<Record<string, unknown>>
  const isSort = sort === null || (SORT_FIELDS as readonly unknown[]).includes(sort)
  const isLimit = Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MOST_FOUND
  return isSort && isLimit && [user, platform, state, search].every(isOptionalText)
}
