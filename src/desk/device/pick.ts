/**
 * Picking devices for a listing, one after the other: those that match, and those that only come close for as long as nothing matches.
 * The close ones are an answer of their own, and whoever shows them says so.
 */
import { compareDevices, createSearch, type DeviceFilter, type Findable, type SortField } from './search.ts'

export type Picked<D extends Findable> = {
  readonly devices: readonly D[]
  /** How many more there are beyond the limit. */
  readonly more: number
  /** Nothing matched: these come close. */
  readonly areClose: boolean
}
export type DevicePick<D extends Findable> = {
  /** Takes the device in; whether it matches. */
  readonly add: (device: D) => boolean
  /** Ascending by `sort`, null for the order in which they came; close ones by how close they come. */
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
