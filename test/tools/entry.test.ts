/**
 * The first lines of both programs, as built: any Node from 12 on parses them, an older one is replaced or told what to install,
 * and compiled code is kept only where nobody else can have put it.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
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

/** Makes the Node that runs the entry say that it is an old one; what the entry starts in its place says the truth. */
async function pretendOld(): Promise<string[]> {
  const hook = join(home, 'old.cjs')
  const versions = "{ ...process.versions, node: '20.1.0' }"
  await writeFile(hook, `Object.defineProperty(process, 'versions', { value: ${versions} })`)
  return ['--require', hook]
}

/** Puts a Node where tools/run.mjs would; its path. A link to ours is ours; else a script that starts it is another one. */
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

  test('is told in one line what to install', async () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...(await pretendOld()), program, 'x'], {
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/^keydesk: Node \d+\.\d+ or newer is needed \(this is v\S+\); install it [^\n]*\n$/)
    expect([status, stdout]).toEqual([1, ''])
  })

  test.runIf(posix)('is replaced by the one that a clone brought: same arguments, same exit code', async () => {
    await bringRuntime('another')
    const { status, stdout, stderr } = spawnSync(process.execPath, [...(await pretendOld()), program, 'x', 'y z'], {
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect([status, stdout, stderr]).toEqual([7, 'x,y z\n', ''])
  })

  test.runIf(posix)('is not replaced by itself, without end', async () => {
    const ours = await bringRuntime('ours')
    const hook = await pretendOld()
    const { status, stderr } = spawnSync(ours, [...hook, program, 'x'], { encoding: 'utf8', timeout: 20_000 })
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^keydesk: Node /)])
  })

  test.runIf(posix)('passes a signal on to it', async () => {
    await bringRuntime('another')
    const main = "process.on('SIGTERM', () => process.exit(5)); setInterval(() => 0, 1000); console.log('up')"
    await writeFile(join(home, 'dist', 'main.cjs'), main)
    const child = spawn(process.execPath, [...(await pretendOld()), program], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.once('data', () => child.kill('SIGTERM'))
    expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(5)
  })
})

test.each([['--version'], ['-V']])(
  '%s alone is answered without the program, and as the program answers it',
  (flag) => {
    const ask = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
    const { status, stdout, stderr } = ask(program, flag)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toBe(ask(entry, flag, '--no-color').stdout)
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(ask(program, flag, 'x').stdout).toBe(`${flag},x\n`)
  },
)

describe.runIf(process.platform === 'linux')('the compile cache', () => {
  /** Runs the program with `cache` for XDG_CACHE_HOME; the files that it left below it. */
  async function cachedFiles(cache: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
    const { status, stderr } = spawnSync(process.execPath, [program], {
      env: { HOME: home, XDG_CACHE_HOME: cache, ...env },
      encoding: 'utf8',
      timeout: 20_000,
    })
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

  test('is kept in a folder of the user’s own, which is made', async () => {
    expect(await cachedFiles(join(home, 'cache'))).not.toEqual([])
  })

  test('is not made with NODE_DISABLE_COMPILE_CACHE', async () => {
    expect(await cachedFiles(join(home, 'cache'), { NODE_DISABLE_COMPILE_CACHE: '1' })).toEqual([])
  })

  test.each([
    ['the folder', '777', ['cache', 'keydesk', 'compile']],
    ['the folder', '770', ['cache', 'keydesk', 'compile']],
    ['the folder above', '707', ['cache', 'keydesk']],
    ['the cache home', '777', ['cache']],
  ])('is left alone when others may write to %s (%s)', async (_, mode, path) => {
    expect(await cachedFiles(await makeFolders(Number.parseInt(mode, 8), ...path))).toEqual([])
  })

  test('is left alone when it is a link', async () => {
    const cache = await makeFolders(0o700, 'cache', 'keydesk')
    const elsewhere = await makeFolders(0o700, 'elsewhere')
    await symlink(elsewhere, join(cache, 'keydesk', 'compile'))
    expect(await cachedFiles(cache)).toEqual([])
    expect(await readdir(elsewhere)).toEqual([])
  })

  // mkdir -p of Node never returns below /proc.
  test.each(['/proc/nowhere', '/dev/null'])('does without where nothing can be made: %s', async (cache) => {
    expect(await cachedFiles(cache)).toEqual([])
  })
})
