/**
 * Searches the caller's device while the operator types.
 * - 100,000 devices are searched in slices, so that no key waits for the whole search. The next key starts a new
 *   search.
 * - A typed reset code finds its device by the tag.
 */
import { parseTag, TAG_SYMBOLS } from '../../../crypto/tag.ts'
import { createSearch } from '../../../desk/device/search.ts'
import type { Device } from '../../../desk/records/index.ts'
import { readSymbol } from './code-entry.ts'

type Close = { readonly device: Device; readonly slips: number }
export type Search = {
  readonly text: string
  readonly found: readonly Device[]
  /** Devices that only come close, collected while nothing matches. If no device matches, they become the result. */
  readonly close: readonly Close[]
  readonly areClose: boolean
  /** The number of devices searched so far. */
  readonly looked: number
  readonly isDone: boolean
  /** The index of the chosen device, from 0. */
  readonly at: number
  /** The text came from the command line: a single match is taken without Enter. */
  readonly isGiven: boolean
}

/** Devices per slice: a few milliseconds between two keys. */
const SLICE = 4_000
/** At most 200 matches are kept: a longer list is not useful. */
export const KEPT = 200
const LONGEST_CODE = 15

export function startSearch(text: string, found: readonly Device[], isGiven: boolean): Search {
  return { text, found, close: [], areClose: false, looked: 0, isDone: false, at: 0, isGiven }
}

/** The symbols of a text that can be the start of a reset code, in canonical form. Null for other text. */
export function readCodeBeginning(text: string): string | null {
  const characters = Array.from(text.replace(/[\s-]/g, ''))
  if (characters.length < TAG_SYMBOLS || characters.length > LONGEST_CODE) return null
  const symbols = characters.map(readSymbol)
  return symbols.includes(null) ? null : symbols.join('')
}

/** Searches one more slice. `devices` are all devices. */
export function continueSearch(search: Search, devices: readonly Device[]): Search {
  const { text, looked } = search
  const beginning = readCodeBeginning(text)
  const tag = beginning === null ? null : parseTag(beginning.slice(0, TAG_SYMBOLS))
  const id = /^[0-9a-f]{32}$/i.test(text.trim()) ? text.trim().toLowerCase() : null
  const found = [...search.found]
  const close = [...search.close]
  const { matches, slips } = createSearch({ search: text })
  const end = Math.min(devices.length, looked + SLICE)
  for (let i = looked; i < end; i++) {
    const device = devices[i] as Device
    // A match by tag or id comes first: tags and ids are unique.
    if (device.tag === tag || device.deviceId === id) found.unshift(device)
    else if (found.length < KEPT && matches(device)) found.push(device)
    else if (found.length === 0) addClose(close, device, slips(device))
  }
  const isDone = end === devices.length
  const areClose = isDone && found.length === 0 && close.length > 0
  return { ...search, found: areClose ? sortClose(close) : found, close, areClose, looked: end, isDone }
}

function addClose(close: Close[], device: Device, slips: number | null): void {
  if (slips !== null && close.length < KEPT) close.push({ device, slips })
}

const sortClose = (close: readonly Close[]): Device[] =>
  close.toSorted((a, b) => a.slips - b.slips).map(({ device }) => device)

export function moveChoice(search: Search, by: number): Search {
  return { ...search, at: Math.max(0, Math.min(search.found.length - 1, search.at + by)) }
}
