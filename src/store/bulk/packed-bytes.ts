/** Byte strings one after the other: so they go from one thread to another by the hundred, without a copy and without an object for each. */

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

/** Into `room`, if they fit in there, and else apart. A text goes as UTF-8. */
export function pack(parts: readonly (Uint8Array | string)[], room: SharedArrayBuffer): Packed {
  const ends = new Uint32Array(parts.length)
  let bytes: Buffer = Buffer.from(room)
  let length = 0
  for (const [i, part] of parts.entries()) {
    const most = length + part.length * (typeof part === 'string' ? MOST_BYTES_A_CHARACTER : 1)
    if (most > bytes.length) bytes = Buffer.concat([bytes.subarray(0, length)], 2 * most)
    if (typeof part !== 'string') bytes.set(part, length)
    length += typeof part === 'string' ? bytes.write(part, length) : part.length
    ends[i] = length
  }
  return { bytes: bytes.subarray(0, length), ends }
}
const MOST_BYTES_A_CHARACTER = 3

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
