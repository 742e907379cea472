/** Byte strings one after the other: so they go from one thread to another by the hundred, without a copy and without an object for each. */
import { fillBytes } from '../crypto/bytes.ts'

export type Packed = {
  readonly bytes: Uint8Array
  /** Where each of them ends. */
  readonly ends: Uint32Array
}

/** Memory that both threads see, and that is used again: what is given, and what is made of it. Most lots fit. */
export type Room = { readonly given: SharedArrayBuffer; readonly made: SharedArrayBuffer }
const ROOM_BYTES = 2 ** 18
export const makeRoom = (): Room => ({
  given: new SharedArrayBuffer(ROOM_BYTES),
  made: new SharedArrayBuffer(ROOM_BYTES),
})

/** Into `room`, if they fit in there, and else apart. */
export function pack(parts: readonly Uint8Array[], room: SharedArrayBuffer): Packed {
  const ends = new Uint32Array(parts.length)
  let length = 0
  for (const [i, part] of parts.entries()) {
    length += part.length
    ends[i] = length
  }
  const bytes = length <= room.byteLength ? new Uint8Array(room, 0, length) : new Uint8Array(length)
  return { bytes: fillBytes(bytes, parts), ends }
}

/** Views of the same bytes. */
export function unpack({ bytes, ends }: Packed): Uint8Array[] {
  const parts: Uint8Array[] = []
  let at = 0
  for (const end of ends) {
    parts.push(bytes.subarray(at, end))
    at = end
  }
  return parts
}
