/** Finding devices by what an operator types from a caller's mouth: case and accents do not matter. */
import type { Device, DeviceState, Platform } from './records.ts'
import { formatTag } from './reset.ts'

export type DeviceFilter = {
  readonly user?: string | undefined
  readonly platform?: Platform | undefined
  readonly state?: DeviceState | undefined
  readonly search?: string | undefined
}
/** What a listing can be sorted by. */
export const SORT_FIELDS = ['name', 'user', 'platform', 'model', 'state', 'tag', 'lastResetAt'] as const
export type SortField = (typeof SORT_FIELDS)[number]

/** Letters without their accents, in lower case. */
export function foldText(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Whether the device has all that the filter asks for; every word of `search` must be found somewhere. */
export function matchesDevice(device: Device, { user, platform, state, search }: DeviceFilter): boolean {
  if (user !== undefined && foldText(device.user) !== foldText(user)) return false
  if (platform !== undefined && device.platform !== platform) return false
  if (state !== undefined && device.state !== state) return false
  const text = foldText(`${device.name}\n${device.user}\n${device.model ?? ''}\n${formatTag(device.tag)}`)
  return foldText(search ?? '')
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Whether DEVICE names it: a part of its name or user. Ids and tags are looked up, not searched for. Nothing names nothing. */
export function isNamed(device: Device, text: string): boolean {
  const part = foldText(text).trim()
  return part !== '' && (foldText(device.name).includes(part) || foldText(device.user).includes(part))
}

/** Ascending; devices that were never reset come last. */
export function compareDevices(field: SortField): (a: Device, b: Device) => number {
  if (field === 'tag') return (a, b) => a.tag - b.tag
  if (field === 'lastResetAt') return (a, b) => lastResetOf(a) - lastResetOf(b)
  // Made here, not beside the function: it costs 6 ms, and finding one device by its tag has no use for it.
  const collator = new Intl.Collator('en', { numeric: true })
  return (a, b) => collator.compare(a[field] ?? '', b[field] ?? '')
}

const lastResetOf = ({ lastConfirmed }: Device): number => lastConfirmed?.at ?? Number.MAX_SAFE_INTEGER
