/** Searches the memory of another process of this user for secrets, through /proc (Linux). */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

const CHUNK_BYTES = 256 * 2 ** 10
/** Bytes that two neighbouring chunks share: longer than any secret, so that none is missed between them. */
const OVERLAP_BYTES = 4_096
/** Node reserves hundreds of megabytes that it never writes. They read as zeros, and are not searched. */
const ZEROS = Buffer.alloc(CHUNK_BYTES + OVERLAP_BYTES)

export type Canary = { readonly name: string; readonly bytes: Uint8Array }

/** The forms in which a program may hold a secret: raw, hex or base64, as 8-bit and as 16-bit text. */
function formsOf({ bytes }: Canary): Buffer[] {
  const raw = Buffer.from(bytes)
  const texts = [raw.toString('latin1'), raw.toString('hex'), raw.toString('base64url'), raw.toString('base64')]
  return [raw, ...texts.flatMap((text) => [Buffer.from(text, 'latin1'), Buffer.from(text, 'utf16le')])]
}

/** How often each canary is found, in any form, in writable memory. Read-only memory (code, files) is not searched. */
export function searchMemory(pid: number, canaries: readonly Canary[]): Map<string, number> {
  const found = new Map(canaries.map(({ name }) => [name, 0]))
  const forms = canaries.map((canary) => ({ name: canary.name, forms: uniqueForms(canary) }))
  for (const chunk of readMemory(pid)) {
    for (const { name, forms: all } of forms) {
      const times = all.reduce((sum, form) => sum + countIn(chunk, form), 0)
      found.set(name, (found.get(name) as number) + times)
    }
  }
  return found
}

function uniqueForms(canary: Canary): Buffer[] {
  const forms = formsOf(canary)
  return forms.filter((form, i) => forms.findIndex((other) => other.equals(form)) === i)
}

function countIn(chunk: Buffer, form: Buffer): number {
  let times = 0
  // The next chunk counts a form that begins later.
  for (let at = chunk.indexOf(form); at !== -1 && at < CHUNK_BYTES; at = chunk.indexOf(form, at + 1)) times++
  return times
}

function* readMemory(pid: number): Iterable<Buffer> {
  const fd = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from !== undefined) yield* readRegion(fd, Number(`0x${from}`), Number(`0x${to}`))
    }
  } finally {
    closeSync(fd)
  }
}

function* readRegion(fd: number, from: number, to: number): Iterable<Buffer> {
  const buffer = Buffer.alloc(CHUNK_BYTES + OVERLAP_BYTES)
  for (let at = from; at < to; at += CHUNK_BYTES) {
    try {
      const chunk = buffer.subarray(0, readSync(fd, buffer, 0, Math.min(buffer.length, to - at), at))
      if (!chunk.equals(ZEROS.subarray(0, chunk.length))) yield chunk
    } catch {
      // The kernel does not let us read this region.
    }
  }
}
