/**
 * Asks questions line by line, for screen readers and for terminals that cannot move the cursor.
 * - It uses the line editing of the terminal. Nothing is overwritten and no cursor is moved.
 * - Ctrl-C and the end of the input throw `cancelled`.
 */
import { KeydeskError } from '../errors.ts'
import { escapeText } from './escape.ts'
import { createQueue } from './keyboard.ts'
import { type Key, readKeys } from './keys.ts'
import type { ScreenTerminal } from './screen.ts'

export type Lines = {
  readonly ask: (message: string) => Promise<string>
  /** The typed text is not shown. */
  readonly secret: (message: string) => Promise<string>
  readonly close: () => void
}

/** A line, or the signal that ended the input (null at its end). */
type Heard = { readonly line: string } | { readonly signal: NodeJS.Signals | null }
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function openLines(terminal: ScreenTerminal, write: (text: string) => void): Lines {
  const { stdin } = terminal
  const heard = createQueue<Heard>()
  let decoder = new TextDecoder()
  let rest = ''
  const onData = (bytes: Uint8Array | string) => {
    const lines = (rest + (typeof bytes === 'string' ? bytes : decoder.decode(bytes, { stream: true }))).split(/\r?\n/)
    rest = lines.pop() as string
    for (const line of lines) heard.put({ line })
  }
  const onSignal = (signal: NodeJS.Signals) => heard.put({ signal })
  const onEnd = () => heard.put({ signal: null })
  for (const signal of SIGNALS) terminal.on(signal, onSignal)
  stdin.on('end', onEnd)

  async function next(): Promise<string> {
    stdin.on('data', onData).resume()
    const answer = await heard.take()
    stdin.off('data', onData).pause()
    if ('line' in answer) return answer.line
    throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
  }

  return {
    async ask(message) {
      write(`${escapeText(message)} `)
      return next()
    },
    async secret(message) {
      write(`${escapeText(message)} (not shown): `)
      decoder = new TextDecoder()
      rest = ''
      const typed = await readHidden(stdin)
      write('\n')
      if (typed === null) throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
      return typed
    },
    close() {
      for (const signal of SIGNALS) terminal.off(signal, onSignal)
      stdin.off('end', onEnd).off('data', onData).pause()
    },
  }
}

/** Reads a line without echo. Null for Ctrl-C, Ctrl-D and the end of the input. */
function readHidden(stdin: NodeJS.ReadStream): Promise<string | null> {
  return new Promise((resolve) => {
    const decoder = new TextDecoder()
    let typed: readonly string[] = []
    let rest = ''
    const end = (answer: string | null) => {
      stdin.off('data', onData).off('end', onEnd).pause()
      stdin.setRawMode(false)
      resolve(answer)
    }
    const onEnd = () => end(null)
    const onData = (bytes: Uint8Array) => {
      const read = readKeys(rest + decoder.decode(bytes, { stream: true }))
      rest = read.rest
      for (const key of read.keys) {
        if (LAST[key.name] !== undefined) return end(key.name === 'enter' ? typed.join('') : null)
        typed = typeHidden(typed, key)
      }
    }
    stdin.setRawMode(true)
    stdin.on('data', onData).on('end', onEnd).resume()
  })
}

const LAST: Readonly<Partial<Record<Key['name'], true>>> = { enter: true, 'ctrl-c': true, 'ctrl-d': true }

function typeHidden(typed: readonly string[], { name, text }: Key): readonly string[] {
  if (name === 'backspace') return typed.slice(0, -1)
  return name === 'ctrl-u' ? [] : [...typed, ...text]
}
