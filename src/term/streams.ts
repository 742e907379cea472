/**
 * The three standard streams.
 * - stdout carries only the answer. Everything else goes to stderr.
 * - Writes are synchronous and complete: an answer is written before the process ends. If a pipe takes only a part,
 *   further calls write the rest.
 */
import { readSync, writeSync } from 'node:fs'
import { KeydeskError } from '../errors.ts'

export type Streams = {
  /** Writes all of the text to stdout. */
  readonly out: (text: string) => void
  /** Writes all of the text to stderr. */
  readonly err: (text: string) => void
  /** All of stdin, as UTF-8 without a byte order mark. Throws a KeydeskError of kind `usage` if it is not. */
  readonly readInput: () => string
  /** Yields the lines of stdin that are available now, then waits for more. Invalid UTF-8 becomes U+FFFD. */
  readonly readLines: () => Iterable<readonly string[]>
  /** True if the reader of stdout is gone: long work may stop. Missing for streams that cannot be closed. */
  readonly outIsClosed?: boolean
  readonly stdinIsTerminal: boolean
  readonly stdoutIsTerminal: boolean
  readonly stderrIsTerminal: boolean
  /** Width of the terminal in columns. 80 without a terminal. */
  readonly columns: number
}

/**
 * The parts of the process that the streams need. The first access to a stream object costs 1–2 ms, and node:tty takes
 * 3 ms to load, because it loads node:net. Both are therefore used only if necessary.
 */
export type StandardStreams = Pick<NodeJS.Process, 'stdout' | 'stderr' | 'platform' | 'getBuiltinModule'>

const RETRY_MS = 1
const LONGEST_LINE = 2 ** 20
/** Larger than any real input. Input without end (a device, an endless program) is refused before memory is full. */
const MOST_READ = 256 * 2 ** 20
const DEFAULT_COLUMNS = 80
const PIECE_BYTES = 65_536
/** Created by the first long text. */
let piece: Uint8Array | undefined

/** Writes all of `bytes`, and waits if a non-blocking pipe is full. Returns false if the pipe is closed. */
export function writeWhole(fd: number, bytes: Uint8Array, write: typeof writeSync = writeSync): boolean {
  let offset = 0
  while (offset < bytes.length) {
    const count = transfer(() => write(fd, bytes, offset), 'EPIPE')
    if (count === 'closed') return false
    offset += count
  }
  return true
}

/**
 * Writes text as UTF-8, through one reused buffer: a listing writes many batches, and a new buffer for each would cost
 * more than its encoding. Returns false if the pipe is closed.
 */
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

/** Reads `fd` to its end. Throws a KeydeskError of kind `usage` if the bytes are not UTF-8. */
export function readWhole(fd: number, read: typeof readSync = readSync): string {
  return decodeInput(readBytes(fd, read))
}

/** Reads `fd` to its end. Throws a KeydeskError of kind `usage` after 256 MiB. */
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

/** Reads `fd` to its end in chunks and yields its lines. The last line needs no line end. */
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

/** One read or write. If the other side is not ready, it waits 1 ms and returns 0. */
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

/**
 * Strict: with a lenient decoder, invalid bytes of a passphrase would all become U+FFFD, which is another and weaker
 * passphrase.
 */
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
 * A Windows console decodes bytes in its own code page, so that "Müller" would be garbled. There the stream object
 * writes: it passes Unicode, and writes at once (libuv's WriteConsoleW). Everywhere else the text is written to the
 * descriptor.
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
