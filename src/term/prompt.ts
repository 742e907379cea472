/**
 * Questions to a person, on stderr, so that stdout stays the answer's. Nothing is asked without a terminal: the error
 * then names the flag that would have answered. Ctrl-C and the end of the input are a "cancelled", never an empty
 * answer. Questions have no colours: they read the same with --no-color, on any background, and to a screen reader.
 */
import { KeydeskError } from '../errors.ts'
import { escapeText } from './escape.ts'
import type { Lines } from './lines.ts'
import type { Screen, ScreenTerminal } from './screen.ts'
import type { Streams } from './streams.ts'

export type Prompt = {
  /** Text that is not shown while it is typed. */
  readonly secret: (message: string) => Promise<string>
  readonly text: (message: string) => Promise<string>
  /** Yes or no; Enter alone is no. */
  readonly confirm: (message: string) => Promise<boolean>
  /** A whole screen, until it is closed. */
  readonly openScreen: () => Promise<Screen>
  /** Question and answer, a line each: nothing that was shown is drawn over. */
  readonly openLines: () => Promise<Lines>
  /** Whether there is a person to ask. */
  readonly available: boolean
}

/** Where questions are asked: the process. Its stream objects are made when the first question comes. */
export type Terminal = ScreenTerminal

type Questions = typeof import('./questions.ts')
type Question<T> = (lib: Questions, channel: Channel) => Promise<T>
type Channel = { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream; readonly signal: AbortSignal }

const asItIs = (text: string): string => text
const PLAIN = {
  prefix: '?',
  style: { message: asItIs, answer: asItIs, help: asItIs, error: asItIs, defaultAnswer: (text: string) => `(${text})` },
}
const SECRET = { ...PLAIN, style: { ...PLAIN.style, maskedText: '(not shown)' } }

/** Prompts by @inquirer/prompts, loaded when the first question is asked. */
export function terminalPrompt(io: Streams, terminal: Terminal): Prompt {
  const isAvailable = () => io.stdinIsTerminal && io.stderrIsTerminal
  const requireTerminal = () => {
    if (!isAvailable()) throw new KeydeskError('usage', 'no-terminal', 'there is no terminal to ask on')
  }
  const ask = async <T>(question: Question<T>): Promise<T> => {
    requireTerminal()
    return askOn(terminal, question)
  }
  return {
    get available() {
      return isAvailable()
    },
    async openScreen() {
      requireTerminal()
      return (await import('./screen.ts')).openScreen(terminal, io.err)
    },
    async openLines() {
      requireTerminal()
      return (await import('./lines.ts')).openLines(terminal, io.err)
    },
    secret: (text) => {
      const config = { message: escapeText(text), mask: false, toggleMask: false, theme: SECRET }
      return ask((lib, channel) => lib.password(config, channel))
    },
    text: (text) => {
      const config = { message: escapeText(text), transformer: escapeText, theme: PLAIN }
      return ask((lib, channel) => lib.input(config, channel))
    },
    confirm: (text) => {
      const config = { message: escapeText(text), default: false, theme: PLAIN }
      return ask((lib, channel) => lib.confirm(config, channel))
    },
  }
}

async function askOn<T>(terminal: Terminal, question: Question<T>): Promise<T> {
  const lib = await import('./questions.ts')
  const end = new AbortController()
  const watched = watchEnd(terminal.stdin, () => end.abort())
  try {
    return await question(lib, { input: terminal.stdin, output: terminal.stderr, signal: end.signal })
  } catch (error) {
    if (/^(Exit|Abort)PromptError$/.test((error as Error).name)) {
      throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
    }
    throw error
  } finally {
    watched.stop()
  }
}

/**
 * Calls `ended` when the question lost its input. Ctrl-D closes readline and settles nothing: the prompt would wait for
 * ever where a socket keeps the process alive, and end it with nothing done where none does. What shows is that stdin
 * is paused and no longer raw. Paused but raw is the return from Ctrl-Z: readline pauses there and leaves it to us to
 * go on.
 */
function watchEnd(stdin: NodeJS.ReadStream, ended: () => void): { stop: () => void } {
  const look = () => void (stdin.isRaw ? stdin.resume() : ended())
  const onPause = () => void setImmediate(look)
  stdin.on('pause', onPause)
  stdin.on('end', ended)
  // Paused here too: readline, once paused by Ctrl-Z, believes that it still is, and would keep the process alive.
  return { stop: () => void stdin.off('pause', onPause).off('end', ended).pause() }
}
