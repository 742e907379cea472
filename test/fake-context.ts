/**
 * A Context for tests: the real file system in a directory of its own, streams that are kept, a clock that moves only when it
 * is told to, and a person whose answers were written down beforehand. Nothing of ours is mocked; what a command asks
 * beyond the answers given is a failed test, never an empty answer.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Context, Environment } from '../src/context.ts'
import { KeydeskError } from '../src/errors.ts'
import type { Prompt } from '../src/term/prompt.ts'
import type { Screen } from '../src/term/screen.ts'
import { type Places, systemPlaces } from '../src/workstation/places.ts'

/** What the person does at a question: types, says yes or no, or presses Ctrl-C. */
export type Answer = string | boolean | typeof CTRL_C
export const CTRL_C = Symbol('Ctrl-C')
/** 2026-03-02T09:00:00Z, a Monday. */
export const MONDAY_MS = Date.UTC(2026, 2, 2, 9)

export type FakeOptions = {
  /** Where `places` are; a fresh directory of mode 0700 unless given. */
  readonly home?: string
  readonly places?: Places
  readonly nowMs?: number
  /** Whether a person sits there: all three streams are a terminal. */
  readonly terminal?: boolean
  readonly stdoutIsTerminal?: boolean
  readonly answers?: readonly Answer[]
  /** Where a command draws a whole screen; it has none unless given. */
  readonly screen?: Screen
  /** What stdin holds. */
  readonly input?: string
  readonly env?: Environment
  /** With a seed the bytes are the same in every run; real randomness otherwise. */
  readonly seed?: string
  readonly logN?: number
  readonly columns?: number
  readonly launchAgent?: () => Promise<void>
  /** What happens while a command lets time pass; Ctrl-C unless given. */
  readonly pause?: (milliseconds: number) => Promise<void>
  /** Told of each write to stdout and stderr as it happens. */
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

const homes: string[] = []
afterAll(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true })
})

/** A directory that is removed when the tests of the file are done. */
export function createHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'keydesk-test-'))
  homes.push(home)
  return home
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

/** SHA-256(seed ‖ number of the block), block after block. For tests alone. */
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
