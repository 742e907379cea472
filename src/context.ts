/**
 * Everything outside the program that a command may use: streams, a person, the clock, randomness, the environment, and
 * paths on disk.
 * - `bin/` makes the context and passes it down. Tests run the same commands with other contexts.
 * - Nothing below `bin/` reaches the outside world in another way.
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
  /** The person at the terminal. A command asks only if there is a terminal. */
  readonly prompt: Prompt
  /** Milliseconds since 1970. */
  readonly clock: () => number
  /** `count` bytes from the system's generator. */
  readonly random: (count: number) => Uint8Array
  readonly env: Environment
  readonly places: Places
  /** log2 of scrypt's N: 17. Only tests use a smaller value. */
  readonly logN: number
  /** Starts the agent, a program of ours that outlives this process. Resolves when the agent's socket exists. */
  readonly launchAgent: () => Promise<void>
  /** Waits for a number of milliseconds. Throws `cancelled` if Ctrl-C was pressed. */
  readonly pause: Pause
}

export const SCRYPT_LOG_N = 17

/** The facts about its own process that `doctor` checks. */
export function systemMachine() {
  const { platform, versions, execArgv } = process
  return { platform, node: versions.node, umask: process.umask(), inspected: execArgv.join(' ').includes('--inspect') }
}

/** The context of the real program. `launchAgent` comes from `bin/`: only `bin/` knows how this program was started. */
export function systemContext(launchAgent: () => Promise<void>): Context {
  const env: Environment = process.env
  const io = systemStreams(process)
  let places: Places | undefined
  return {
    io,
    prompt: terminalPrompt(io, process),
    clock: Date.now,
    // Loaded on first use: `keydesk --version` does not need it, and loading it costs 4 ms.
    random: (count) => new Uint8Array(process.getBuiltinModule('node:crypto').randomBytes(count)),
    env,
    // Resolved on first use. So if there is no home directory, the error comes from the command that needs one.
    get places() {
      places ??= systemPlaces(process.platform, env, process.getuid?.() ?? null)
      return places
    },
    logN: SCRYPT_LOG_N,
    launchAgent,
    pause: createPause(process),
  }
}
