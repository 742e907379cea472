/**
 * The start of both programs, as built (tools/entry):
 * - Any Node from 12 on parses it. An old Node starts a newer one, or says which Node to install.
 * - The compiled code is used only if no other user can have written it. The agent uses none.
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const entry = fileURLToPath(new URL('../../dist/keydesk.cjs', import.meta.url))
const posix = process.platform !== 'win32'

let home: string
let program: string

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keydesk-entry-'))
  program = join(home, 'dist', 'keydesk.cjs')
  await mkdir(dirname(program))
  await copyFile(entry, program)
  await writeFile(join(home, 'dist', 'main.cjs'), 'console.log(process.argv.slice(2).join()); process.exitCode = 7')
})

afterEach(() => rm(home, { recursive: true, force: true }))

/** Options that make Node report an old version to the entry. The Node that the entry then starts reports its own. */
async function pretendOld(): Promise<string[]> {
  const hook = join(home, 'old.cjs')
  const versions = "{ ...process.versions, node: '20.1.0' }"
  await writeFile(hook, `Object.defineProperty(process, 'versions', { value: ${versions} })`)
  return ['--require', hook]
}

/**
 * Puts a Node where tools/run.mjs would install one, and returns its path.
 * `ours`: a link to the Node of this test. `another`: a script that starts it.
 */
async function bringRuntime(kind: 'ours' | 'another'): Promise<string> {
  const folder = join(home, 'tools', 'runtime', 'node_modules', `node-${process.platform}-${process.arch}`, 'bin')
  const node = join(folder, 'node')
  await mkdir(folder, { recursive: true })
  if (kind === 'ours') await symlink(process.execPath, node)
  else await writeFile(node, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 })
  return node
}

describe('an older Node', () => {
  test.each(['node12', 'node14'])('%s parses it', async (target) => {
    const code = await readFile(entry, 'utf8')
    const lowered = await transform(code, { target, format: 'cjs' })
    expect(lowered.code).toBe((await transform(code, { target: 'esnext', format: 'cjs' })).code)
  })

  test('says in one line which Node to install', async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...(await pretendOld()), program, 'x'], {
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/^keydesk: Node \d+\.\d+ or newer is needed \(this is v\S+\); install it [^\n]*\n$/)
    expect([status, stdout]).toEqual([1, ''])
  })

  test.runIf(posix)('starts the newer Node of a clone: same arguments, same exit code', async () => {
    await bringRuntime('another')
    const { status, stdout, stderr } = spawnSync(process.execPath, [...(await pretendOld()), program, 'x', 'y z'], {
      encoding: 'utf8',
      timeout: 100_000,
    })
    expect([status, stdout, stderr]).toEqual([7, 'x,y z\n', ''])
  })

  test.runIf(posix)('does not start itself again', async () => {
    const ours = await bringRuntime('ours')
    const hook = await pretendOld()
    const { status, stderr } = spawnSync(ours, [...hook, program, 'x'], { encoding: 'utf8', timeout: 100_000 })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^keydesk: Node /)])
  })

  test.runIf(posix)('passes a signal on to the newer Node', async () => {
    await bringRuntime('another')
    const main = "process.on('SIGTERM', () => process.exit(5)); setInterval(() => 0, 1000); console.log('up')"
    await writeFile(join(home, 'dist', 'main.cjs'), main)
    const child = spawn(process.execPath, [...(await pretendOld()), program], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', () => child.kill('SIGTERM'))
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(5)
  })
})

test.each([['--version'], ['-V']])('%s alone prints what the program prints, without loading the program', (flag) => {
  const ask = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 100_000 })
  const { status, stdout, stderr } = ask(program, flag)
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toBe(ask(entry, flag, '--no-color').stdout)
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(ask(program, flag, 'x').stdout).toBe(`${flag},x\n`)
})

describe.runIf(posix)('the import of a fleet', () => {
  const MAIN = `
    console.log(JSON.stringify([process.execArgv, process.argv.slice(2), require('node:fs').readFileSync(0, 'utf8')]))
    process.exitCode = 3`
  beforeEach(() => writeFile(join(home, 'dist', 'main.cjs'), MAIN))

  const runWith = (before: readonly string[], argv: readonly string[]) => {
    const options = { encoding: 'utf8', input: 'a list', timeout: 100_000 } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, [...before, program, ...argv], options)
    expect([status, stderr]).toEqual([3, ''])
    return JSON.parse(stdout) as unknown
  }

  test.each([[['device', 'import', '-', '--json']], [['--store', 'x', 'user', 'import', '-']]])(
    '%j starts again with a small young generation; arguments and input are the same',
    (argv) => expect(runWith([], argv)).toEqual([['--max-semi-space-size=8'], argv, 'a list']),
  )

  test.each([
    [['reset', 'confirm', 'NBAJN-00737-8YWXP']],
    [['device', 'list', '--json']],
    [['audit', 'list', '--ndjson']],
  ])('%j, which is no import, does not start again', (argv) => expect(runWith([], argv)).toEqual([[], argv, 'a list']))

  test('goes on if the process cannot be replaced', async () => {
    const hook = join(home, 'windows.cjs')
    await writeFile(hook, "process.execve = () => { throw new Error('not on this platform') }")
    expect(runWith(['--require', hook], ['user', 'import', '-'])).toEqual([
      ['--require', hook],
      ['user', 'import', '-'],
      'a list',
    ])
  })
})

describe.runIf(process.platform === 'linux')('the compile cache', () => {
  function runWith(cache: string, argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const all = { HOME: home, XDG_CACHE_HOME: cache, ...env }
    return spawnSync(process.execPath, [program, ...argv], { env: all, encoding: 'utf8', timeout: 100_000 })
  }

  /** Runs the program with `cache` as XDG_CACHE_HOME, and returns the names of the files below it. */
  async function cachedFiles(cache: string, env: NodeJS.ProcessEnv = {}, ...argv: string[]): Promise<string[]> {
    const { status, stderr } = runWith(cache, argv, env)
    expect([status, stderr]).toEqual([7, ''])
    const entries = await readdir(cache, { recursive: true, withFileTypes: true }).catch(() => [])
    return entries.filter((each) => each.isFile()).map(({ name }) => name)
  }

  async function makeFolders(mode: number, ...path: string[]): Promise<string> {
    const folder = join(home, ...path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, mode)
    return join(home, path[0] as string)
  }

  test('is written in the user’s own cache folder, which is created', async () => {
    expect(await cachedFiles(join(home, 'cache'))).not.toEqual([])
  })

  test.each([
    [['reset', 'confirm', 'NBAJN-00737-8YWXP'], 'keydesk-reset-confirm'],
    [['--json', 'operator', 'trust', 'list'], 'keydesk-operator-trust-list'],
    [['call', 'zoe'], 'keydesk-call'],
    [['reset', 'confirm', '--help'], 'keydesk-help'],
    [['device', '../../x'], 'keydesk-device'],
    [['zoe', '../x'], 'keydesk-other'],
    [[], 'keydesk-other'],
  ])('%j: the file is named for the command, and for nothing else on the command line', async (argv, name) => {
    expect(await cachedFiles(join(home, 'cache'), {}, ...argv)).toEqual([name])
  })

  test('has a file for TAB', async () => {
    await copyFile(join(home, 'dist', 'main.cjs'), join(home, 'dist', 'complete.cjs'))
    const argv = ['complete', 'bash', 'keydesk reset con', '']
    expect(await cachedFiles(join(home, 'cache'), {}, ...argv)).toEqual(['keydesk-complete'])
  })

  describe('a cached file', () => {
    const MAIN = `
      const greet = (name) => 'good day, ' + name
      console.log(greet(process.argv[2]))
      process.exitCode = process.argv[3] === 'failing' ? 6 : 0`
    const cachedFile = () => join(home, 'cache', 'keydesk', 'compile', 'keydesk-call')
    const call = (...more: string[]) => {
      const { status, stdout, stderr } = runWith(join(home, 'cache'), ['call', ...more])
      expect([status, stdout, stderr]).toEqual([more[0] === 'failing' ? 6 : 0, 'good day, call\n', ''])
      return readFile(cachedFile())
    }
    beforeEach(() => writeFile(join(home, 'dist', 'main.cjs'), MAIN))

    test('is executed: V8 compares only the length of the source', async () => {
      const first = await call()
      await writeFile(join(home, 'dist', 'main.cjs'), MAIN.replace('good day', 'bad days'))
      expect(await call()).toEqual(first)
    })

    test('is not used by another build', async () => {
      await call()
      const code = await readFile(program, 'utf8')
      const builds = code.match(/"[0-9a-f]{16}"/g)
      expect(builds).toHaveLength(1)
      await writeFile(join(home, 'dist', 'main.cjs'), MAIN.replace('good day', 'bad days'))
      await writeFile(program, code.replace(`${builds?.[0]}`, '"0123456789abcdef"'))
      expect(runWith(join(home, 'cache'), ['call']).stdout).toBe('bad days, call\n')
    })

    test.each([
      ['version', 'v24.99.0'],
      ['arch', 'pdp11'],
    ])('is not used by a Node of another %s', async (property, value) => {
      await call()
      const hook = join(home, 'another-node.cjs')
      await writeFile(hook, `Object.defineProperty(process, '${property}', { value: '${value}' })`)
      await writeFile(join(home, 'dist', 'main.cjs'), MAIN.replace('good day', 'bad days'))
      // Without quotes, NODE_OPTIONS would end the path at a space.
      const env = { NODE_OPTIONS: `--require ${JSON.stringify(hook)}` }
      expect(runWith(join(home, 'cache'), ['call'], env).stdout).toBe('bad days, call\n')
    })

    test('is written again if it is damaged: any byte, any length', async () => {
      const whole = await call()
      // V8 would execute most of these, and crash on others.
      for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 60)) {
        const damaged = Buffer.from(whole)
        damaged[at] = (whole[at] as number) ^ 0x10
        await writeFile(cachedFile(), damaged)
        expect((await call()).equals(damaged), `byte ${at}`).toBe(false)
      }
      for (const length of [0, 1, 40, whole.length / 2, whole.length - 1]) {
        await writeFile(cachedFile(), whole.subarray(0, length))
        expect((await call()).length, `${length} bytes`).toBeGreaterThan(length)
      }
    })

    // Without the checks the entry would wait for the pipe forever, and read /dev/zero until memory is full.
    test.each([
      ['a pipe', () => void spawnSync('/bin/sh', ['-c', 'mkfifo "$1"', 'sh', cachedFile()])],
      ['a link to a device', () => symlink('/dev/zero', cachedFile())],
      ['a link to a file', () => symlink(join(home, 'elsewhere'), cachedFile())],
      ['a file of 3 GB', () => writeFile(cachedFile(), '').then(() => truncate(cachedFile(), 3e9))],
    ])('replaces %s', async (_, plant) => {
      const whole = await call()
      await writeFile(join(home, 'elsewhere'), whole)
      await rm(cachedFile())
      await plant()
      expect((await call()).length).toBe(whole.length)
      expect((await lstat(cachedFile())).isFile()).toBe(true)
      expect(await readFile(join(home, 'elsewhere'))).toEqual(whole)
    })

    test('is not needed: a folder may have its name', async () => {
      await call()
      await rm(cachedFile())
      await mkdir(cachedFile())
      expect(runWith(join(home, 'cache'), ['call']).stdout).toBe('good day, call\n')
      expect(await readdir(dirname(cachedFile()))).toEqual(['keydesk-call'])
    })

    test('is replaced by the first run that succeeds, and by no later run', async () => {
      const failed = await call('failing')
      expect(await call('failing')).toEqual(failed)
      const succeeded = await call()
      expect(succeeded).not.toEqual(failed)
      expect(await call('failing')).toEqual(succeeded)
    })
  })

  // test/acceptance/programs.test.ts tests this with the real agent and a real desk.
  test('is neither read nor written by the agent, which holds keys', async () => {
    const main = join(home, 'dist', 'main.cjs')
    const code = "const greet = () => 'compiled earlier'\nconsole.log(greet())\nprocess.exitCode = 7"
    const folder = join(home, 'cache', 'keydesk', 'compile')
    await writeFile(main, code)
    expect(await cachedFiles(join(home, 'cache'), {}, 'call')).toEqual(['keydesk-call'])
    await writeFile(main, code.replace('earlier', 'by this'))
    // The file is valid: every other command executes it.
    expect(runWith(join(home, 'cache'), ['call']).stdout).toBe('compiled earlier\n')
    for (const name of ['keydesk-__agent', 'keydesk-other'])
      await copyFile(join(folder, 'keydesk-call'), join(folder, name))
    expect(runWith(join(home, 'cache'), ['__agent']).stdout).toBe('compiled by this\n')
    expect(await cachedFiles(join(home, 'empty'), {}, '__agent')).toEqual([])
  })

  test('is not written with NODE_DISABLE_COMPILE_CACHE', async () => {
    expect(await cachedFiles(join(home, 'cache'), { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([])
  })

  test.each([
    ['the folder', '777', ['cache', 'keydesk', 'compile']],
    ['the folder', '770', ['cache', 'keydesk', 'compile']],
    ['the folder above', '707', ['cache', 'keydesk']],
    ['the cache home', '777', ['cache']],
  ])('is not used if others may write to %s (%s)', async (_, mode, path) => {
    expect(await cachedFiles(await makeFolders(Number.parseInt(mode, 8), ...path))).toEqual([])
  })

  test('is not used if its folder is a link', async () => {
    const cache = await makeFolders(0o700, 'cache', 'keydesk')
    const elsewhere = await makeFolders(0o700, 'elsewhere')
    await symlink(elsewhere, join(cache, 'keydesk', 'compile'))
    expect(await cachedFiles(cache)).toEqual([])
    expect(await readdir(elsewhere)).toEqual([])
  })

  // Node's recursive mkdir never returns below /proc.
  test.each(['/proc/nowhere', '/dev/null'])('is not used if no folder can be created: %s', async (cache) => {
    expect(await cachedFiles(cache)).toEqual([])
  })
})
