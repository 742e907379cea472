/**
 * The three standard streams. stdout carries the answer and nothing else; all that is said beside it goes to stderr.
 * Writes are synchronous and whole: an answer is out before the process ends, and a pipe that takes only part of it is
 * written to again.
 */
import { readSync, writeSync } from 'node:fs'
import { KeydeskError } from '../errors.ts'

export type Streams = {
  /** Writes to stdout, all of it. */
  readonly out: (text: string) => void
  /** Writes to stderr, all of it. */
  readonly err: (text: string) => void
  /** All of stdin, as UTF-8 without a byte order mark. Throws a KeydeskError of kind `usage` if it is not. */
  readonly readInput: () => string
  /** Lines of stdin, all those at once that are there, and then it waits for more. What is no UTF-8 is shown as U+FFFD. */
  readonly readLines: () => Iterable<readonly string[]>
  /** Whoever read stdout has gone: what goes on for long may end. Missing where nobody can go. */
  readonly outIsClosed?: boolean
  readonly stdinIsTerminal: boolean
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number
}

/**
 * What is asked of the process. A stream object costs 1–2 ms when it is first looked at, and node:tty 3 ms to load (it
 * brings node:net), so both are only where they must be.
 */
export type StandardStreams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'platform' | 'getBuiltinModule'>

const RETRY_MS = 1
const LONGEST_LINE = 2 ** 20
/** More than anything that is read whole: what has no end (a device, a program that goes on) is not read until memory is full. */
const MOST_READ = 256 * 2 ** 20
const DEFAULT_COLUMNS = 80
const PIECE_BYTES = 65_536
/** Made for the first long text. */
let piece: Uint8Array | undefined

/** Writes all of `bytes`, waiting where a non-blocking pipe is full. A closed pipe ends the writing quietly: false. */
export function writeWhole(fd: number, bytes: Uint8Array, write: typeof writeSync = writeSync): boolean {
  let offset = 0
  while (offset < bytes.length) {
    const count = transfer(() => write(fd, bytes, offset), 'EPIPE')
    if (count === 'closed') return false
    offset += count
  }
  return true
}

/** As UTF-8, a piece at a time: a listing is written batch by batch, and memory for each would cost more than what is written into it. */
export function writeText(fd: number, text: string, write: typeof writeSync = writeSync): boolean {
  if (text.length < PIECE_BYTES / 4) return writeWhole(fd, Buffer.from(text), write)
  const encoder = new TextEncoder()
  piece ??= new Uint8Array(PIECE_BYTES)
  for (let at = 0; at < text.length; ) {
    const { read, written } = encoder.encodeInto(text.slice(at), piece)
    if (!writeWhole(fd, piece.subarray(0, written), write)) return false
    at += read
  }
  return true
}

/** Reads `fd` to its end. Throws a KeydeskError of kind `usage` on anything but UTF-8. */
export function readWhole(fd: number, read: typeof readSync = readSync): string {
  return decodeInput(readBytes(fd, read))
}

/** Reads `fd` to its end. Throws a KeydeskError of kind `usage` where that is too far. */
export function readBytes(fd: number, read: typeof readSync = readSync): Uint8Array {
  const chunks: Uint8Array[] = []
  const chunk = new Uint8Array(65_536)
  for (let size = 0; size <= MOST_READ; ) {
    const count = transfer(() => read(fd, chunk) || 'closed', 'EOF')
    if (count === 'closed') return Buffer.concat(chunks)
    chunks.push(chunk.slice(0, count))
    size += count
  }
  throw new KeydeskError('usage', 'input-too-large', 'what is to be read is larger than 256 MiB, or has no end')
}

/** Reads `fd` to its end, a chunk at a time, and parts it at its line ends; a last line needs none. */
export function* readLinesOf(fd: number, read: typeof readSync = readSync): Iterable<readonly string[]> {
  const decoder = new TextDecoder()
  const chunk = new Uint8Array(65_536)
  let rest = ''
  for (;;) {
    const count = transfer(() => read(fd, chunk) || 'closed', 'EOF')
    const text =
      rest + (count === 'closed' ? decoder.decode() : decoder.decode(chunk.subarray(0, count), { stream: true }))
    const lines = text.split(/\r?\n/)
    rest = count === 'closed' ? '' : (lines.pop() as string)
    if (count === 'closed' && lines.at(-1) === '') lines.pop()
    if (rest.length > LONGEST_LINE)
      throw new KeydeskError('usage', 'line-too-long', 'standard input has a line without end')
    if (lines.length > 0) yield lines
    if (count === 'closed') return
  }
}

/** One call that moves some bytes; waits a moment and reports 0 where the other side is not ready. */
function transfer(move: () => number | 'closed', closed: 'EPIPE' | 'EOF'): number | 'closed' {
  let count: number | 'closed' = 0
  try {
    count = move()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === closed) return 'closed'
    if (code !== 'EAGAIN') throw error
  }
  if (count === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
  return count
}

/** Strict: a passphrase whose odd bytes all became U+FFFD would be another one than was meant, and a weaker one. */
function decodeInput(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new KeydeskError('usage', 'not-utf8', 'standard input is not UTF-8 text')
  }
}

/** The streams of a process. */
export function systemStreams(process: StandardStreams): Streams {
  const isTerminal = (fd: number): boolean => process.getBuiltinModule('node:tty').isatty(fd)
  let outIsClosed = false
  return {
    out: openOutput(1, isTerminal, process, () => {
      outIsClosed = true
    }),
    err: openOutput(2, isTerminal, process, () => undefined),
    readInput: () => readWhole(0),
    readLines: () => readLinesOf(0),
    get outIsClosed() {
      return outIsClosed
    },
    get stdinIsTerminal() {
      return isTerminal(0)
    },
    get stdoutIsTerminal() {
      return isTerminal(1)
    },
    get stderrIsTerminal() {
      return isTerminal(2)
    },
    get columns() {
      return (isTerminal(1) && process.stdout.columns) || DEFAULT_COLUMNS
    },
  }
}

/**
 * A Windows console takes bytes in its own code page, so that "Müller" would come out wrong: there the stream object
 * writes, which speaks Unicode to it, and at once (libuv's WriteConsoleW). Everywhere else the descriptor is written
 * to.
 */
function openOutput(
  fd: 1 | 2,
  isTerminal: (fd: number) => boolean,
  process: StandardStreams,
  closed: () => void,
): (text: string) => void {
  if (process.platform === 'win32' && isTerminal(fd)) {
    return (text) => void (fd === 1 ? process.stdout : process.stderr).write(text)
  }
  return (text) => {
    if (!writeText(fd, text)) closed()
  }
}
