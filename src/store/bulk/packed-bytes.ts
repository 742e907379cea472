/**
 * Byte strings packed one after the other. Hundreds of them can go to another thread without a copy, and without an
 * object for each.
 */

export type PackedBytes = {
  readonly bytes: Uint8Array
  /** The offset at which each byte string ends. */
  readonly ends: Uint32Array
}

/**
 * Two buffers of 256 KiB that both threads see, and that are reused: `given` holds the input, `made` the output. Most
 * batches fit.
 */
export type SharedBuffers = { readonly given: SharedArrayBuffer; readonly made: SharedArrayBuffer }
const BUFFER_BYTES = 2 ** 18
export const makeSharedBuffers = (): SharedBuffers => ({
  given: new SharedArrayBuffer(BUFFER_BYTES),
  made: new SharedArrayBuffer(BUFFER_BYTES),
})

/** Packs the parts into `buffers` if they fit, else into new memory. A string is written as UTF-8. */
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

/** Returns views of the packed bytes, without a copy. */
export function unpack({ bytes, ends }: PackedBytes): Uint8Array[] {
  const parts: Uint8Array[] = []
  let at = 0
  for (const end of ends) {
    parts.push(bytes.subarray(at, end))
    at = end
  }
  return parts
}
