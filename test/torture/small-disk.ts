/**
 * A disk with little room, filled up to any page: a tmpfs of 1 MB, which takes root to mount; and, where no disk can be made, a limit on
 * the size of files, which SQLite and Node meet with errors of the same kind.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statfsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { createMachine, type Machine } from '../acceptance/programs.ts'
import { storeOf } from '../commands/bench.ts'
import { createHome } from '../fake-context.ts'

const PAGE_BYTES = 4_096
const mounted: string[] = []
afterAll(() => {
  for (const directory of mounted.splice(0)) execFileSync('umount', ['-l', directory])
})

export type SmallDisk = {
  readonly kind: string
  readonly machine: Machine
  /** Leaves room for so many pages, more or less; resolves to the shell commands under which a program meets that. */
  readonly leave: (pages: number) => string | undefined
  readonly free: () => void
  /** Options for a command, so that its own process is the one that writes. */
  readonly options: (passphraseFile: string) => readonly string[]
}

/** Null where it cannot be mounted. */
export function mountSmallDisk(): SmallDisk | null {
  const directory = join(createHome(), 'disk')
  mkdirSync(directory, { mode: 0o700 })
  const how = ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', directory]
  if (process.platform !== 'linux' || spawnSync('mount', how).status !== 0) return null
  mounted.push(directory)
  const ballast = join(directory, 'ballast')
  const free = () => rmSync(ballast, { force: true })
  const leave = (pages: number) => {
    free()
    const { bfree, bsize } = statfsSync(directory)
    writeFileSync(ballast, Buffer.alloc(Math.max(bfree * bsize - pages * PAGE_BYTES, 0)))
    return undefined
  }
  return { kind: 'a tmpfs of 1 MB', machine: settle(directory), leave, free, options: () => [] }
}

/** No file grows beyond the size of the store and so many pages less eight. */
export function limitFiles(): SmallDisk {
  const machine = settle(createHome())
  const store = storeOf({ home: machine.home, agents: [], nowMs: 0 })
  const leave = (pages: number) => {
    const bytes = (existsSync(store) ? statSync(store).size : 0) + (pages - 8) * PAGE_BYTES
    // The unit is 512 bytes in a POSIX shell, and twice that in bash as sh: then there is more room.
    return `ulimit -f ${Math.max(bytes / 512, 0)}`
  }
  const options = (file: string) => ['--passphrase-file', file]
  return { kind: 'a limit on the size of files', machine, leave, free: () => undefined, options }
}

/** A machine with its home on the disk; what belongs to the session or may be thrown away is elsewhere. */
function settle(directory: string): Machine {
  const machine = createMachine()
  const home = join(directory, 'home')
  mkdirSync(home, { mode: 0o700 })
  // Where the tests' own commands look for the agent.
  symlinkSync(join(machine.home, 'run'), join(home, 'run'))
  return { ...machine, home, env: { ...machine.env, HOME: home, XDG_CACHE_HOME: machine.home } }
}
