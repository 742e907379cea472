/** Byte strings one after the other: so they go from one thread to another by the hundred, without a copy and without an object for each. */

export type PackedBytes = {
  readonly bytes: Uint8Array
  /** Where each of them ends. */
  readonly ends: Uint32Array
}

/** Memory that both threads see, and that is used again: what is given, and what is made of it. Most batches fit. */
export type SharedBuffers = { readonly given: SharedArrayBuffer; readonly made: SharedArrayBuffer }
const BUFFER_BYTES = 2 ** 18
export const makeSharedBuffers = (): SharedBuffers => ({
  given: new SharedArrayBuffer(BUFFER_BYTES),
  made: new SharedArrayBuffer(BUFFER_BYTES),
})

/** Into `buffers`, if they fit in there, and else apart. A text goes as UTF-8. */
export function pack(parts: readonly (Uint8Array | string)[], buffers: SharedArrayBuffer): PackedBytes {
  const ends = new Uint32Array(parts.length)
  let bytes: Buffer = Buffer.from(buffers)
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
export function unpack({ bytes, ends }: PackedBytes): Uint8Array[] {
  const parts: Uint8Array[] = []
  let at = 0
  for (const end of ends) {
    parts.push(bytes.subarray(at, end))
    at = end
  }
  return parts
}
