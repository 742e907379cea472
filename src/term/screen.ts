/**
 * A whole screen of the terminal, for a while: the alternate one, so that what is shown on it stays in no scroll-back. However it ends
 * (closed, Ctrl-Z and back, a signal, a fault), the terminal is as it was. What is drawn is lines of text; keys come back one by one.
 */
import { createKeyboard, createQueue } from './keyboard.ts'
import type { Key } from './keys.ts'

export type Size = { readonly columns: number; readonly rows: number }
/** `cursor` is hidden where there is nothing to type. */
export type Frame = {
  readonly lines: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number } | null
}
export type ScreenEvent =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'resize' }
  /** The terminal went away, or somebody ends us: to be said what stands, and then to be left. */
  | { readonly kind: 'end'; readonly signal: NodeJS.Signals | null }

export type Screen = {
  readonly size: () => Size
  readonly draw: (frame: Frame) => void
  /** The next thing that happens. */
  readonly read: () => Promise<ScreenEvent>
  /** Does something on the normal screen, and comes back. */
  readonly aside: <T>(work: () => Promise<T>) => Promise<T>
  readonly close: () => void
  /** Lets the signal do what it does to a program that does not listen. */
  readonly dieOf: (signal: NodeJS.Signals) => void
}

/** What is asked of the process. */
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
    // The terminal may be gone: then there is nothing to put back.
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

  /** Ctrl-Z: the shell has its terminal back until it brings us to the front again. */
  function suspend(): void {
    if (terminal.platform === 'win32') return
    leave()
    // Nothing else keeps us alive until we are told that we go on.
    const alive = setInterval(() => undefined, ALIVE_MS)
    terminal.once('SIGCONT', () => {
      clearInterval(alive)
      enter()
      onResize()
    })
    // The whole job, as the terminal itself would: whoever started us waits for it to stop.
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

/** What makes the screen show `frame` where it showed `before`: only lines that differ are written. */
export function paintFrame(before: readonly string[], { lines, cursor }: Frame): string {
  const changed = lines.map((line, i) => (line === before[i] ? '' : `\u001b[${i + 1};1H${line}\u001b[0m\u001b[K`))
  // Before the first line, for below the last one there may be no row: a terminal would clear the last itself.
  const above = before.length === 0 ? '\u001b[H\u001b[J' : ''
  const below = lines.length < before.length ? `\u001b[${lines.length + 1};1H\u001b[J` : ''
  const place = cursor === null ? '' : `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`
  return `\u001b[?25l${above}${changed.join('')}${below}${place}`
}
