/**
 * Takes over the whole screen of the terminal for a while.
 * - It uses the alternate screen, so that nothing shown stays in the scroll-back.
 * - The terminal is always restored: after close, Ctrl-Z, a signal or a fault.
 * - Frames of text lines go in, and keys come back one by one.
 */
import { createKeyboard, createQueue } from './keyboard.ts'
import type { Key } from './keys.ts'

export type Size = { readonly columns: number; readonly rows: number }
/** `cursor` is null if there is nothing to type. The cursor is then hidden. */
export type Frame = {
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number } | null
}
export type ScreenEvent =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resize' }
  /** The terminal is gone, or a signal ends the process. The caller prints the state and leaves. */
  | { readonly kind: 'end'; readonly signal: NodeJS.Signals | null }

export type Screen = {
  readonly size: () => Size
  readonly draw: (frame: Frame) => void
  /** Resolves to the next event. */
  readonly read: () => Promise<ScreenEvent>
  /** Runs `work` on the normal screen, then returns to this screen. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>
  readonly close: () => void
  /** Ends the process by the signal, as if it had no handler. */
  readonly dieOf: (signal: NodeJS.Signals) => void
}

/** The parts of the process that a screen needs. */
export type ScreenTerminal = Pick<
  NodeJS.Process,
  'stdin' | 'stderr' | 'on' | 'off' | 'once' | 'kill' | 'pid' | 'platform'
>

const ENTER = '\u001b[?1049h\u001b[?2004h\u001b[2J\u001b[H'
const LEAVE = '\u001b[?2004l\u001b[?25h\u001b[0m\u001b[?1049l'
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const
const ALIVE_MS = 60_000
const DEFAULT_SIZE = { columns: 80, rows: 24 }

export function openScreen(terminal: ScreenTerminal, write: (text: string) => void): Screen {
  const { stdin, stderr } = terminal
  const events = createQueue<ScreenEvent>()
  const keyboard = createKeyboard((key) => (key.name === 'ctrl-z' ? suspend() : events.put({ kind: 'key', key })))
  let shown: readonly string[] = []
  let isOpen = false

  const onData = (bytes: Uint8Array | string) => keyboard.take(bytes)
  const onResize = () => {
    shown = []
    events.put({ kind: 'resize' })
  }
  const onSignal = (signal: NodeJS.Signals) => events.put({ kind: 'end', signal })
  const onEnd = () => events.put({ kind: 'end', signal: null })
  const leaveQuietly = () => {
    // The terminal may be gone. There is nothing to restore then.
    try {
      leave()
    } catch {}
  }

  function enter(): void {
    if (isOpen) return
    isOpen = true
    stdin.setRawMode(true)
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd).resume()
    shown = []
    write(ENTER)
  }

  function leave(): void {
    if (!isOpen) return
    isOpen = false
    keyboard.forget()
    stdin.off('data', onData).off('end', onEnd).off('error', onEnd).pause()
    try {
      write(LEAVE)
    } finally {
      stdin.setRawMode(false)
    }
  }

  /** Ctrl-Z: gives the terminal back to the shell until SIGCONT. */
  function suspend(): void {
    if (terminal.platform === 'win32') return
    leave()
    // Without this timer the process would end before SIGCONT arrives.
    const alive = setInterval(() => undefined, ALIVE_MS)
    terminal.once('SIGCONT', () => {
      clearInterval(alive)
      enter()
      onResize()
    })
    // Stops the whole process group, as the terminal does: the process that started us waits for it to stop.
    terminal.kill(0, 'SIGTSTP')
  }

  function close(): void {
    leaveQuietly()
    stderr.off('resize', onResize)
    terminal.off('exit', leaveQuietly)
    for (const signal of SIGNALS) terminal.off(signal, onSignal)
  }

  terminal.on('exit', leaveQuietly)
  for (const signal of SIGNALS) terminal.on(signal, onSignal)
  stderr.on('resize', onResize)
  enter()
  return {
    size: () => ({ columns: stderr.columns || DEFAULT_SIZE.columns, rows: stderr.rows || DEFAULT_SIZE.rows }),
    draw(frame) {
      if (!isOpen) return
      write(paintFrame(shown, frame))
      shown = frame.lines
    },
    read: events.take,
    async aside(work) {
      leave()
      try {
        return await work()
      } finally {
        enter()
      }
    },
    close,
    dieOf(signal) {
      close()
      terminal.kill(terminal.pid, signal)
    },
  }
}

/** The sequences that turn the screen from `before` to `frame`. Only changed lines are written. */
export function paintFrame(before: readonly string[], { lines, cursor }: Frame): string {
  const changed = lines.map((line, i) => (line === before[i] ? '' : `\u001b[${i + 1};1H${line}\u001b[0m\u001b[K`))
  // Clears before the first line. Clearing below the last line is wrong if there is no row below: the terminal would
  // clear the last line.
  const above = before.length === 0 ? '\u001b[H\u001b[J' : ''
  const below = lines.length < before.length ? `\u001b[${lines.length + 1};1H\u001b[J` : ''
  const place = cursor === null ? '' : `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`
  return `\u001b[?25l${above}${changed.join('')}${below}${place}`
}
