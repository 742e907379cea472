/**
 * Starts the device as a real process, with the work factor of the tests.
 * The process reports when its command is about to begin, so that a test can kill it in time.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Bench } from './bench.ts'

const PROGRAM = fileURLToPath(new URL('device-process.ts', import.meta.url))

export type End = { readonly code: number | null; readonly out: string; readonly err: string }
export type Running = {
  /** Resolves when the process has started up and the command is about to run. */
  readonly begun: Promise<void>
  readonly ended: Promise<End>
  readonly kill: () => void
}

export function startDevice(bench: Bench, argv: readonly string[]): Running {
  const child = spawn(process.execPath, [PROGRAM, '--state', bench.directory, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  const chunks: { out: string[]; err: string[] } = { out: [], err: [] }
  child.stdout?.on('data', (bytes) => chunks.out.push(String(bytes)))
  child.stderr?.on('data', (bytes) => chunks.err.push(String(bytes)))
  return {
    begun: new Promise((resolve) => void child.stdio[3]?.once('data', () => resolve())),
    ended: new Promise((resolve) =>
      child.once('close', (code) => resolve({ code, out: chunks.out.join(''), err: chunks.err.join('') })),
    ),
    kill: () => void child.kill('SIGKILL'),
  }
}
