/**
 * Finds devices by the text that an operator types while the caller speaks.
 * - Case, accents and the order of words do not matter.
 * - If nothing matches, a word may be slightly misspelt. Such a guess is only shown: no command acts on it.
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
/** The fields by which a device is found and sorted. */
export type Findable = Pick<Device, 'tag' | 'name' | 'user' | 'model' | 'platform' | 'state' | 'lastConfirmed'>
/** The fields by which a listing can be sorted. */
export const SORT_FIELDS = ['name', 'user', 'platform', 'model', 'state', 'tag', 'lastResetAt'] as const
export type SortField = (typeof SORT_FIELDS)[number]

const ASCII = /^[\0-\x7f]*$/
/** A word that can be a part of a tag. */
const TAG_PART = /^[0-9a-z]{1,5}$/

/** Returns the text in lower case and without accents. */
export function foldText(text: string): string {
  return ASCII.test(text) ? text.toLowerCase() : text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Checks one device after the other. */
export type DeviceSearch = {
  /** Whether the device passes the whole filter. Each word of `search` must be in its name, user, model or tag. */
  readonly matches: (device: Findable) => boolean
  /** For a device that does not match: its number of slips, or null if it does not come close. */
  readonly slips: (device: Findable) => number | null
}

/** Prepares the filter once for many devices. */
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

/**
 * Whether the text is a part of the device's name or user. Ids and tags are looked up, not searched. An empty text is
 * no part.
 */
export function isNamed(device: Device, text: string): boolean {
  const part = foldText(text).trim()
  return part !== '' && (foldText(device.name).includes(part) || foldText(device.user).includes(part))
}

/** Sorts ascending. Devices that were never reset come last. */
export function compareDevices(field: SortField): (a: Findable, b: Findable) => number {
  if (field === 'tag') return (a, b) => a.tag - b.tag
  if (field === 'lastResetAt') return (a, b) => lastResetOf(a) - lastResetOf(b)
  // Made here and not beside the function: it costs 6 ms, and finding one device by its tag does not need it.
  const collator = new Intl.Collator('en', { numeric: true })
  return (a, b) => collator.compare(a[field] ?? '', b[field] ?? '')
}

const lastResetOf = ({ lastConfirmed }: Findable): number => lastConfirmed?.at ?? Number.MAX_SAFE_INTEGER
