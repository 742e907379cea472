/**
 * Asks a person questions on stderr, because stdout is for the answer.
 * - Without a terminal nothing is asked. The error names the flag to use instead.
 * - Ctrl-C and the end of the input throw `cancelled`. They are never an empty answer.
 * - Questions have no colours, so they look the same with --no-color, on any background, and to a screen reader.
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
  /** Yes or no. Enter alone means no. */
  readonly confirm: (message: string) => Promise<boolean>
  /** Opens a whole screen. The caller closes it. */
  readonly openScreen: () => Promise<Screen>
  /** Opens a dialogue of one line per question and answer. Nothing shown is overwritten. */
  readonly openLines: () => Promise<Lines>
  /** True if there is a terminal to ask at. */
  readonly available: boolean
}

/** The process that asks. Its stream objects are created by the first question. */
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

/** Prompts of @inquirer/prompts, imported by the first question. */
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
 * Calls `ended` if the question loses its input.
 * - Danger: Ctrl-D closes readline without settling the prompt. The prompt would wait forever if a socket keeps the
 *   process alive, and the process would end with nothing done if none does.
 * - Sign: stdin is paused and no longer raw.
 * - If stdin is paused but raw, the process came back from Ctrl-Z. Readline pauses stdin there and leaves it to us to
 *   resume.
 */
function watchEnd(stdin: NodeJS.ReadStream, ended: () => void): { stop: () => void } {
  const look = () => void (stdin.isRaw ? stdin.resume() : ended())
  const onPause = () => void setImmediate(look)
  stdin.on('pause', onPause)
  stdin.on('end', ended)
  // Pauses stdin here too. After Ctrl-Z readline believes that stdin is still paused, and the open stdin would keep the
  // process alive.
  return { stop: () => void stdin.off('pause', onPause).off('end', ended).pause() }
}
