/**
 * Picks devices for a listing, one after the other: those that match. If none matches, it picks those that come close.
 * Close devices are an answer of another kind, and a listing must say so.
 */
import { compareDevices, createSearch, type DeviceFilter, type Findable, type SortField } from './search.ts'

export type Picked<D extends Findable> = {
  readonly devices: readonly D[]
  /** How many devices there are beyond the limit. */
  readonly more: number
  /** True if nothing matched, and these devices only come close. */
  readonly areClose: boolean
}
export type DevicePick<D extends Findable> = {
  /** Adds the device. Returns whether it matches. */
  readonly add: (device: D) => boolean
  /** Sorts ascending by `sort`; null keeps the order of adding. Close devices are sorted by their number of slips. */
  readonly finish: (sort: SortField | null, limit: number) => Picked<D>
}

export function createPick<D extends Findable>(filter: DeviceFilter): DevicePick<D> {
  const search = createSearch(filter)
  const found: D[] = []
  const close: Close<D>[] = []
  return {
    add(device) {
      const matches = search.matches(device)
      if (matches) found.push(device)
      if (matches || found.length > 0) return matches
      const slips = search.slips(device)
      if (slips !== null) close.push({ device, slips })
      return false
    },
    finish(sort, limit) {
      const areClose = found.length === 0 && close.length > 0
      const all = areClose ? sortClose(close) : sort === null ? found : found.sort(compareDevices(sort))
      return { devices: all.slice(0, limit), more: Math.max(all.length - limit, 0), areClose }
    },
  }
}

type Close<D> = { readonly device: D; readonly slips: number }

function sortClose<D extends Findable>(close: readonly Close<D>[]): D[] {
  const byName = compareDevices('name')
  return close.toSorted((a, b) => a.slips - b.slips || byName(a.device, b.device)).map(({ device }) => device)
}
