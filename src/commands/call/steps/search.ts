/**
 * Finding the caller's device as it is typed. A hundred thousand devices are looked at a slice at a time, so that no key waits for them;
 * the next key begins anew. A reset code that is typed here finds its device by its tag.
 */
import { parseTag, TAG_SYMBOLS } from '../../../crypto/tag.ts'
import { createSearch } from '../../../desk/device/search.ts'
import type { Device } from '../../../desk/records/index.ts'
import { readSymbol } from './code-entry.ts'

type Close = { readonly device: Device; readonly slips: number }
export type Search = {
  readonly text: string
  readonly found: readonly Device[]
  /** Those that only come close, for as long as nothing was found; when all were looked at they are what is found. */
  readonly close: readonly Close[]
  readonly areClose: boolean
  /** How many of the devices were looked at. */
  readonly looked: number
  readonly isDone: boolean
  /** Which of those found is chosen, from 0. */
  readonly at: number
  /** Named on the command line: chosen without Enter where it is the only one. */
  readonly isGiven: boolean
}

/** So many are looked at before the next key is: a few milliseconds of them. */
const SLICE = 4_000
/** More are not kept: nobody reads them. */
export const KEPT = 200
const LONGEST_CODE = 15

export function startSearch(text: string, found: readonly Device[], isGiven: boolean): Search {
  return { text, found, close: [], areClose: false, looked: 0, isDone: false, at: 0, isGiven }
}

/** The symbols of a text that could be the beginning of a reset code, as codes are written; null for any other. */
export function readCodeBeginning(text: string): string | null {
  const characters = Array.from(text.replace(/[\s-]/g, ''))
  if (characters.length < TAG_SYMBOLS || characters.length > LONGEST_CODE) return null
  const symbols = characters.map(readSymbol)
  return symbols.includes(null) ? null : symbols.join('')
}

/** One slice more of it; `devices` are all. */
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
    // Whose tag it is comes first: a reset code was typed, and it is nobody else's.
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
