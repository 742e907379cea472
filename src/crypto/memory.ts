/**
 * Memory for short-lived bytes. A batch of ten thousand codes makes millions of small arrays. V8 calls malloc for each
 * array above 64 bytes, which takes five to ten times as long as a part of a slab.
 */

/**
 * Zeros in a buffer for short-lived use.
 * - Up to 64 bytes: V8 keeps the array on its own heap.
 * - 65 to 1,024 bytes: the buffer is a part of a shared slab, and each part is given out once. An array of its own
 *   would cost a malloc and a free, which take longer than its use.
 * - Above 1,024 bytes: the array has memory of its own.
 * Danger: `buffer` of a slab part also exposes the other parts. So results for users of the library either have at most
 * 64 bytes or have memory of their own.
 */
export function allotBytes(length: number): Uint8Array {
  if (length <= OWN_BYTES || length > SHARED_BYTES) return new Uint8Array(length)
  if (slab.length - given < length) {
    slab = new Uint8Array(SLAB_BYTES)
    given = 0
  }
  given += length
  return slab.subarray(given - length, given)
}
const OWN_BYTES = 64
const SHARED_BYTES = 1_024
const SLAB_BYTES = 16 * SHARED_BYTES
let slab = new Uint8Array(0)
let given = 0

/** Like concatBytes, but returns a shared buffer that the next call overwrites. The caller must read it at once. */
export function gatherBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const length = sumLengths(parts)
  return fillBytes(length > gathered.length ? new Uint8Array(length) : gathered.subarray(0, length), parts)
}
const gathered = new Uint8Array(2_048)

/** Copies the parts into `target`, one after the other. */
export function fillBytes(target: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  let offset = 0
  for (const part of parts) {
    target.set(part, offset)
    offset += part.length
  }
  return target
}

export function sumLengths(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}
