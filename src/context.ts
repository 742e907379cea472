/**
 * Everything that a command may touch of the world outside: streams, a person, the clock, randomness, the environment, places on
 * disk. It is handed down from `bin/`, so that tests run the same commands with other worlds, and nothing reaches past it.
 */
import { createPause, type Pause } from './term/pause.ts'
import type { Prompt } from './term/prompt.ts'
import { terminalPrompt } from './term/prompt.ts'
import type { Streams } from './term/streams.ts'
import { systemStreams } from './term/streams.ts'
import type { Places } from './workstation/places.ts'
import { systemPlaces } from './workstation/places.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export type Context = {
  readonly io: Streams
  /** A person at the terminal; asked only when there is one. */
  readonly prompt: Prompt
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** `count` bytes from the system's generator. */
  readonly random: (count: number) => Uint8Array
  readonly env: Environment
  readonly places: Places
  /** log2 of scrypt's N: 17, and less in tests alone. */
  readonly logN: number
  /** Starts the agent, a program of ours that outlives this one; resolves when its socket is there. */
  readonly launchAgent: () => Promise<void>
  /** Lets time pass, in milliseconds; throws `cancelled` once Ctrl-C was pressed. */
  readonly pause: Pause
}

export const SCRYPT_LOG_N = 17

/** What `doctor` asks of the process that it runs in. */
export function systemMachine() {
  const { platform, versions, execArgv } = process
  return { platform, node: versions.node, umask: process.umask(), inspected: execArgv.join(' ').includes('--inspect') }
}

/** The real world. `launchAgent` comes from `bin/`, which alone knows how this program was started. */
export function systemContext(launchAgent: () => Promise<void>): Context {
  const env: Environment = process.env
  const io = systemStreams(process)
  let places: Places | undefined
  return {
    io,
    prompt: terminalPrompt(io, process),
    clock: Date.now,
    // Loaded when first needed: `keydesk --version` has no use for it, and it costs 4 ms.
    random: (count) => new Uint8Array(process.getBuiltinModule('node:crypto').randomBytes(count)),
    env,
    // Looked for when a command first needs them: it is the command that fails where there is no home directory.
    get places() {
      places ??= systemPlaces(process.platform, env, process.getuid?.() ?? null)
      return places
    },
    logN: SCRYPT_LOG_N,
    launchAgent,
    pause: createPause(process),
  }
}
