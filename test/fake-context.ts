/**
 * A Context for tests. Nothing of keydesk is mocked:
 * - The file system is the real one, in a directory of its own.
 * - The streams are kept in memory. The clock moves only when the test sets it.
 * - The prompt gives the answers that the test wrote down beforehand. A question without such an answer fails the test;
 *   it never gets an empty answer.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Context, Environment } from '../src/context.ts'
import { KeydeskError } from '../src/errors.ts'
import type { Prompt } from '../src/term/prompt.ts'
import type { Screen } from '../src/term/screen.ts'
import { type Places, systemPlaces } from '../src/workstation/places.ts'
import { cleanUp } from './clean-up.ts'

/** The person's answer to one question: text, yes or no, or Ctrl-C. */
export type Answer = string | boolean | typeof CTRL_C
export const CTRL_C = Symbol('Ctrl-C')
/** 2026-03-02T09:00:00Z, a Monday. */
export const MONDAY_MS = Date.UTC(2026, 2, 2, 9)

export type FakeOptions = {
  /** The directory that holds `places`. Default: a fresh directory of mode 0700. */
  readonly home?: string
  readonly places?: Places
  readonly nowMs?: number
  /** Whether a person is at the terminal: then all three streams are terminals. Default: no. */
  readonly terminal?: boolean
  readonly stdoutIsTerminal?: boolean
  readonly answers?: readonly Answer[]
  /** The screen on which a command draws. Without one, opening a screen fails. */
  readonly screen?: Screen
  /** The content of stdin. */
  readonly input?: string
  readonly env?: Environment
  /** With a seed, the bytes are the same in every run. Without one, they are really random. */
  readonly seed?: string
  readonly logN?: number
  readonly columns?: number
  readonly launchAgent?: () => Promise<void>
  /** Called when a command waits. Default: the wait ends as at Ctrl-C. */
  readonly pause?: (milliseconds: number) => Promise<void>
  /** Called with each text that is written to stdout; `onErr` is the same for stderr. */
  readonly onOut?: (text: string) => void
  readonly onErr?: (text: string) => void
}

export type FakeContext = Context & {
  readonly home: string
  readonly stdout: () => string
  readonly stderr: () => string
  /** The questions asked so far. */
  readonly questions: readonly string[]
  /** Sets the clock, in milliseconds since 1970. */
  readonly setClock: (nowMs: number) => void
}

/** Creates a temporary directory. It is removed after the tests of the file. */
export function createHome(parent = tmpdir()): string {
  const home = mkdtempSync(join(parent, 'keydesk-test-'))
  cleanUp(() => rmSync(home, { recursive: true, force: true }))
  return home
}

/** A path as the commands in messages show it: quoted if a shell would not read it as one word. */
export function inShell(path: string): string {
  return /[^\w@%+=:,./-]/.test(path) ? `'${path.split("'").join("'\\''")}'` : path
}

export function fakeContext(options: FakeOptions = {}): FakeContext {
  const home = options.home ?? createHome()
  const env = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), ...options.env }
  const heard = { out: '', err: '', questions: [] as string[] }
  let nowMs = options.nowMs ?? MONDAY_MS
  return {
    io: fakeStreams(options, heard),
    prompt: fakePrompt(options, heard.questions),
    clock: () => nowMs,
    random: options.seed === undefined ? (count) => new Uint8Array(randomBytes(count)) : seededRandom(options.seed),
    env,
    places: options.places ?? systemPlaces('linux', env, process.getuid?.() ?? null),
    logN: options.logN ?? 10,
    launchAgent: options.launchAgent ?? (() => Promise.reject(new Error('this test has no agent'))),
    pause: options.pause ?? (() => Promise.reject(new KeydeskError('cancelled', 'cancelled', 'cancelled'))),
    home,
    stdout: () => heard.out,
    stderr: () => heard.err,
    questions: heard.questions,
    setClock: (value) => {
      nowMs = value
    },
  }
}

function fakeStreams(options: FakeOptions, heard: { out: string; err: string }): Context['io'] {
  const terminal = options.terminal ?? false
  return {
    out: (text) => {
      heard.out += text
      options.onOut?.(text)
    },
    err: (text) => {
      heard.err += text
      options.onErr?.(text)
    },
    readInput: () => options.input ?? '',
    readLines: () => [(options.input ?? '').split('\n').filter((line, i, all) => i < all.length - 1 || line !== '')],
    stdinIsTerminal: terminal,
    stdoutIsTerminal: options.stdoutIsTerminal ?? terminal,
    stderrIsTerminal: terminal,
    columns: options.columns ?? 80,
  }
}

function fakePrompt(options: FakeOptions, questions: string[]): Prompt {
  const answers = [...(options.answers ?? [])]
  const ask = async (question: string, wanted: 'string' | 'boolean'): Promise<never> => {
    questions.push(question)
    const answer = answers.shift()
    if (answer === CTRL_C) throw new KeydeskError('cancelled', 'cancelled', 'cancelled')
    if (typeof answer !== wanted) throw new Error(`no answer of this kind was written down for: ${question}`)
    return answer as never
  }
  return {
    available: options.terminal ?? false,
    secret: (question) => ask(question, 'string'),
    text: (question) => ask(question, 'string'),
    confirm: (question) => ask(question, 'boolean'),
    openScreen: async () => options.screen ?? Promise.reject(new Error('this test has no screen')),
    openLines: async () => ({
      ask: (question) => ask(question, 'string'),
      secret: (question) => ask(question, 'string'),
      close: () => undefined,
    }),
  }
}

/** SHA-256(seed ‖ '/' ‖ number of the block), block after block. Only for tests. */
function seededRandom(seed: string): (count: number) => Uint8Array {
  let block = 0
  let rest = Buffer.alloc(0)
  return (count) => {
    while (rest.length < count) rest = Buffer.concat([rest, createHash('sha256').update(`${seed}/${block++}`).digest()])
    const bytes = new Uint8Array(rest.subarray(0, count))
    rest = rest.subarray(count)
    return bytes
  }
}
