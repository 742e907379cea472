/**
 * Finding devices by what an operator types from a caller's mouth: case, accents and the order of words do not matter, and where nothing
 * is called so, a word may be misspelt a little. Who acts on one device names it exactly: a guess is shown, never acted on.
 */
import { formatTag } from '../../crypto/tag.ts'
import type { Device, DeviceState, Platform } from '../records/index.ts'
import { createApproximation } from './approximate.ts'

export type DeviceFilter = {
  readonly user?: string | undefined
  readonly platform?: Platform | undefined
  readonly state?: DeviceState | undefined
  readonly search?: string | undefined
}
/** What a device is found and sorted by. */
export type Findable = Pick<Device, 'tag' | 'name' | 'user' | 'model' | 'platform' | 'state' | 'lastConfirmed'>
/** What a listing can be sorted by. */
export const SORT_FIELDS = ['name', 'user', 'platform', 'model', 'state', 'tag', 'lastResetAt'] as const
export type SortField = (typeof SORT_FIELDS)[number]

const ASCII = /^[\0-\x7f]*$/
/** What a part of a tag can be made of. */
const TAG_PART = /^[0-9a-z]{1,5}$/

/** Letters without their accents, in lower case. */
export function foldText(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Looks at one device after the other. */
export type DeviceSearch = {
  /** Whether it has all that the filter asks for; every word of `search` must be found somewhere. */
  readonly matches: (device: Findable) => boolean
  /** By how many slips of the pen it comes close, where it does not match; null where it does not come close either. */
  readonly slips: (device: Findable) => number | null
}

/** The filter made ready once, for many devices. */
export function createSearch({ user, platform, state, search }: DeviceFilter): DeviceSearch {
  const owner = user === undefined ? null : foldText(user)
  const words = foldText(search ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
  const approximations = words.map((word) => createApproximation(word))
  const isAdmitted = (device: Findable): boolean =>
    (platform === undefined || device.platform === platform) &&
    (state === undefined || device.state === state) &&
    (owner === null || foldText(device.user) === owner)
  const textOf = (device: Findable) => foldText(`${device.name}\n${device.user}\n${device.model ?? ''}`)
  const inTag = (device: Findable, word: string) =>
    TAG_PART.test(word) && foldText(formatTag(device.tag)).includes(word)
  return {
    matches(device) {
      if (!isAdmitted(device)) return false
      if (words.length === 0) return true
      const text = textOf(device)
      return words.every((word) => text.includes(word) || inTag(device, word))
    },
    slips(device) {
      if (words.length === 0 || !isAdmitted(device)) return null
      const text = textOf(device)
      let slips = 0
      for (const find of approximations) {
        const found = find(text)
        if (found === null) return null
        slips += found
      }
      return slips
    },
  }
}

/** Whether DEVICE names it: a part of its name or user. Ids and tags are looked up, not searched for. Nothing names nothing. */
export function isNamed(device: Device, text: string): boolean {
  const part = foldText(text).trim()
  return part !== '' && (foldText(device.name).includes(part) || foldText(device.user).includes(part))
}

/** Ascending; devices that were never reset come last. */
export function compareDevices(field: SortField): (a: Findable, b: Findable) => number {
  if (field === 'tag') return (a, b) => a.tag - b.tag
  if (field === 'lastResetAt') return (a, b) => lastResetOf(a) - lastResetOf(b)
  // Made here, not beside the function: it costs 6 ms, and finding one device by its tag has no use for it.
  const collator = new Intl.Collator('en', { numeric: true })
  return (a, b) => collator.compare(a[field] ?? '', b[field] ?? '')
}

const lastResetOf = ({ lastConfirmed }: Findable): number => lastConfirmed?.at ?? Number.MAX_SAFE_INTEGER
