/**
 * A small disk that a test fills up to any page.
 * - `mountSmallDisk`: a tmpfs of 1 MB. Mounting it needs root.
 * - `limitFiles`: a limit on the size of files, for machines without root. SQLite and Node then report similar errors.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statfsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMachine, type Machine } from '../acceptance/programs.ts'
import { cleanUp } from '../clean-up.ts'
import { storeOf } from '../commands/bench.ts'
import { createHome } from '../fake-context.ts'

const PAGE_BYTES = 4_096

export type SmallDisk = {
  readonly kind: string
  readonly machine: Machine
  /** Leaves space for about `pages` pages. Returns shell commands that must run before the program, if any. */
  readonly leave: (pages: number) => string | undefined
  readonly free: () => void
  /** Options for a command that make its own process write, not the agent. */
  readonly options: (passphraseFile: string) => readonly string[]
}

/** Null if the tmpfs cannot be mounted. */
export function mountSmallDisk(): SmallDisk | null {
  const directory = join(createHome(), 'disk')
  mkdirSync(directory, { mode: 0o700 })
  const how = ['-t', 'tmpfs', '-o', 'size=1m,mode=0700', 'tmpfs', directory]
  if (process.platform !== 'linux' || spawnSync('mount', how).status !== 0) return null
  cleanUp(() => execFileSync('umount', ['-l', directory]))
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

/** No file can grow beyond the size of the store plus (pages − 8) pages. */
export function limitFiles(): SmallDisk {
  const machine = settle(createHome())
  const store = storeOf({ home: machine.home, agents: [], nowMs: 0 })
  const leave = (pages: number) => {
    const bytes = (existsSync(store) ? statSync(store).size : 0) + (pages - 8) * PAGE_BYTES
    // The unit is 512 bytes in a POSIX shell. If sh is bash, it is 1024 bytes, and there is more space.
    return `ulimit -f ${Math.max(bytes / 512, 0)}`
  }
  const options = (file: string) => ['--passphrase-file', file]
  return { kind: 'a limit on the size of files', machine, leave, free: () => undefined, options }
}

/** A machine with its home on the disk. Its runtime directory and its cache are elsewhere. */
function settle(directory: string): Machine {
  const machine = createMachine()
  const home = join(directory, 'home')
  mkdirSync(home, { mode: 0o700 })
  // The tests' own commands look for the agent in home/run.
  symlinkSync(join(machine.home, 'run'), join(home, 'run'))
  return { ...machine, home, env: { ...machine.env, HOME: home, XDG_CACHE_HOME: machine.home } }
}
