/**
 * A disk that fails at the n-th call, made of faults.c where there is a C compiler; and a machine whose programs all run on it, the
 * agent too, so that it does not matter which process commits.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { KEYDESK, type Machine, start } from '../acceptance/programs.ts'
import { createHome } from '../fake-context.ts'

const SOURCE = fileURLToPath(new URL('faults.c', import.meta.url))
const CONTROL_BYTES = 32

export const ERRORS = { EIO: 5, ENOSPC: 28 } as const
export type Fault = { readonly error: keyof typeof ERRORS; readonly at: number; readonly lasting: boolean }

/** Why there can be no failing disk here; null where there can. */
export function whyNoFailingDisk(): string | null {
  if (process.platform !== 'linux') return 'it takes Linux'
  return spawnSync('cc', ['--version']).status === 0 ? null : 'it takes a C compiler (cc)'
}

export class FailingDisk {
  readonly #control: string
  readonly #library: string

  constructor() {
    const place = createHome()
    this.#control = join(place, 'control')
    this.#library = join(place, 'faults.so')
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', this.#library, SOURCE, '-ldl'])
    this.disarm()
  }

  /** Forgets the fault and the count. */
  disarm(): void {
    writeFileSync(this.#control, Buffer.alloc(CONTROL_BYTES), { flag: 'a' })
    this.#write([0, 0, 0, 0])
  }

  arm({ error, at, lasting }: Fault): void {
    this.#write([at, ERRORS[error], lasting ? 1 : 0, 0])
  }

  /** File calls since it was armed or disarmed, and the name of the first that failed. */
  look(): { calls: number; failed: string } {
    const bytes = readFileSync(this.#control)
    return { calls: bytes.readInt32LE(12), failed: bytes.toString('latin1', 16, CONTROL_BYTES).replace(/\0.*$/s, '') }
  }

  /** The machine with this disk under `directory`. */
  under(machine: Machine, directory: string): Machine {
    const faults = { LD_PRELOAD: this.#library, FAULTS_CONTROL: this.#control, FAULTS_UNDER: directory }
    return { ...machine, env: { ...machine.env, ...faults } }
  }

  #write(numbers: readonly number[]): void {
    const bytes = Buffer.alloc(CONTROL_BYTES)
    for (const [i, value] of numbers.entries()) bytes.writeInt32LE(value, 4 * i)
    // In place: the programs have the file mapped.
    writeFileSync(this.#control, bytes, { flag: 'r+' })
  }
}

/** An agent of the machine as it is, which `unlock` would start with an environment of its own. */
export async function startAgent(machine: Machine): Promise<void> {
  const agent = start(machine, [KEYDESK, '__agent'])
  await new Promise<void>((resolve, reject) => {
    agent.stdout?.once('data', () => resolve())
    agent.once('exit', () => reject(new Error('the agent ended')))
  })
}
