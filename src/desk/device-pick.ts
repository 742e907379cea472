/**
 * Picking devices for a listing, one after the other: those that match, and those that only come close for as long as nothing matches.
 * The close ones are an answer of their own, and whoever shows them says so.
 */

import { compareDevices, createSearch, type DeviceFilter, type SortField } from './device-search.ts'
import type { Device } from './records.ts'

export type Picked = {
  readonly devices: readonly Device[]
  /** How many more there are beyond the limit. */
  readonly more: number
  /** Nothing matched: these come close. */
  readonly areClose: boolean
}
export type DevicePick = {
  /** Takes the device in; whether it matches. */
  readonly add: (device: Device) => boolean
  /** Ascending by `sort`, null for the order in which they came; close ones by how close they come. */
  readonly finish: (sort: SortField | null, limit: number) => Picked
}

export function createPick(filter: DeviceFilter): DevicePick {
  const search = createSearch(filter)
  const found: Device[] = []
  const close: { device: Device; slips: number }[] = []
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

function sortClose(close: readonly { readonly device: Device; readonly slips: number }[]): Device[] {
  const byName = compareDevices('name')
  return close.toSorted((a, b) => a.slips - b.slips || byName(a.device, b.device)).map(({ device }) => device)
}
