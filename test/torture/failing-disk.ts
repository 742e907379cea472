/**
 * A disk that fails at the n-th file call. It compiles faults.c, so it needs Linux and a C compiler.
 * All programs of a machine can use it, the agent too, so that it does not matter which process commits.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KEYDESK, type Machine, start } from '../acceptance/programs.ts'
import { createHome } from '../fake-context.ts'

const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url))
const LIBRARY = 'keydesk-faults.so'
const CONTROL_BYTES = 32

export const ERRORS = { EIO: 5, ENOSPC: 28 } as const
export type Fault = { readonly error: keyof typeof ERRORS; readonly at: number; readonly lasting: boolean }

/** The reason why this machine cannot have a failing disk; null if it can. */
export function whyNoFailingDisk(): string | null {
  if (process.platform !== 'linux') return 'it takes Linux'
  return spawnSync('cc', ['--version']).status === 0 ? null : 'it takes a C compiler (cc)'
}

export class FailingDisk {
  readonly #control: string
  readonly #place: string

  constructor() {
    this.#place = createHome()
    this.#control = join(this.#place, 'control')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', join(this.#place, LIBRARY), SOURCE, '-ldl'])
    this.disarm()
  }

  /** Removes the fault, and sets the count to 0. */
  disarm(): void {
    writeFileSync(this.#control, Buffer.alloc(CONTROL_BYTES), { flag: 'a' })
    this.#write([0, 0, 0, 0])
  }

  arm({ error, at, lasting }: Fault): void {
    this.#write([at, ERRORS[error], lasting ? 1 : 0, 0])
  }

  /** The number of file calls since `arm` or `disarm`, and the name of the first call that failed ('' for none). */
  look(): { calls: number; failed: string } {
    const bytes = readFileSync(this.#control)
    return { calls: bytes.readInt32LE(12), failed: bytes.toString('latin1', 16, CONTROL_BYTES).replace(/\0.*$/s, '') }
  }

  /** The machine, with file calls below `directory` on this disk. */
  under(machine: Machine, directory: string): Machine {
    // LD_PRELOAD ends a path at a space. So it holds only the name, which is found in LD_LIBRARY_PATH.
    const faults = {
      LD_PRELOAD: LIBRARY,
      LD_LIBRARY_PATH: this.#place,
      FAULTS_CONTROL: this.#control,
      FAULTS_UNDER: directory,
    }
    return { ...machine, env: { ...machine.env, ...faults } }
  }

  #write(numbers: readonly number[]): void {
    const bytes = Buffer.alloc(CONTROL_BYTES)
    for (const [i, value] of numbers.entries()) bytes.writeInt32LE(value, 4 * i)
    // Overwritten in place, because the programs have this file mapped.
    writeFileSync(this.#control, bytes, { flag: 'r+' })
  }
}

/** Starts an agent with the machine's whole environment. `unlock` would start one with an environment of its own. */
export async function startAgent(machine: Machine): Promise<void> {
  const agent = start(machine, [KEYDESK, '__agent'])
  await new Promise<void>((resolve, reject) => {
    agent.stdout?.once('data', () => resolve())
    agent.once('exit', () => reject(new Error('the agent ended')))
  })
}
