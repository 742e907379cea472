/**
 * Finds a Node that is new enough. If this one is older, it installs the private one of tools/runtime.
 * - It is plain JavaScript that any Node from 18 on runs, and it needs no packages.
 * - It prints one line on stderr for each thing that it does.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { basename, delimiter, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const home = join(root, 'tools', 'runtime')

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'))
export const say = (text) => process.stderr.write(`keydesk: ${text}\n`)

export function fail(text) {
  say(text)
  process.exit(1)
}

/** `MAJOR.MINOR` from `engines.node` of package.json, which has the form `>=MAJOR.MINOR`. */
export function neededNode() {
  return readJson(join(root, 'package.json')).engines.node.replace('>=', '')
}

function isAtLeast(version, needed) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  const [neededMajor, neededMinor] = needed.split('.').map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}

/** The npm that started us, else npm on PATH. npm_execpath may name another package manager, which is not used. */
function npmCommand() {
  const path = process.env.npm_execpath
  if (path !== undefined && /^npm(-cli)?\.[cm]?js$/.test(basename(path)) && existsSync(path)) {
    return { file: process.execPath, args: [path], shell: false }
  }
  return { file: 'npm', args: [], shell: process.platform === 'win32' }
}

/**
 * Runs `npm ci` in `directory`, quiet unless it fails.
 * - No install script runs: only the packages that the lockfile pins are installed.
 * - `--include` overrides NODE_ENV=production and `omit=dev`: otherwise npm would leave out half of the packages.
 */
export function installPackages(directory) {
  const npm = npmCommand()
  const flags = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const { error, status } = spawnSync(npm.file, [...npm.args, ...flags], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 2],
    shell: npm.shell,
  })
  if (error !== undefined) fail(`npm could not be started (${error.code}); it comes with Node, and has to be on PATH`)
  if (status !== 0)
    fail(
      `'npm ci' failed in ${relative(root, directory) || 'the project folder'}; it needs a package registry, this once`,
    )
}

function privateNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const binary = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  return { name, binary, pinned: readJson(join(home, 'package.json')).optionalDependencies[name] }
}

/** The path of a Node that satisfies `engines`: this one, or the private one, which it installs if it is missing. */
export function findNode() {
  const needed = neededNode()
  if (isAtLeast(process.version, needed)) return process.execPath
  const { name, binary, pinned } = privateNode()
  const advice = `Node ${needed} or newer is needed (this is ${process.version})`
  if (pinned === undefined) {
    const how = process.platform === 'darwin' ? "'brew install node@24'" : 'from nodejs.org or your package manager'
    return fail(`${advice}, and there is none to bring for ${process.platform} on ${process.arch}: install it, ${how}`)
  }
  if (!isAtLeast(pinned, needed)) return fail(`tools/runtime pins Node ${pinned}, and package.json asks for ${needed}`)
  const stamp = join(home, 'node_modules', '.lockfile-hash')
  const wanted = createHash('sha256')
    .update(readFileSync(join(home, 'package-lock.json')))
    .digest('hex')
  const current = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''
  if (current !== wanted || !existsSync(binary)) {
    say(`installing Node ${pinned} for this folder alone (this is ${process.version}; ${needed} or newer is needed)`)
    installPackages(home)
    const { status, stdout } = spawnSync(binary, ['--version'], { encoding: 'utf8' })
    if (status !== 0 || !isAtLeast(stdout.trim(), needed)) {
      return fail(
        `${advice}, and the one that ${name} brings does not run here: install it, from nodejs.org or your package manager`,
      )
    }
    writeFileSync(stamp, wanted)
  }
  return binary
}

/** The environment with the folder of `node` first on PATH, so that every child process uses this `node`. */
export function withNodeFirst(node, env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const folder = dirname(node)
  const rest = (env[key] ?? '').split(delimiter).filter((entry) => entry !== folder)
  return { ...env, [key]: [folder, ...rest].join(delimiter) }
}

/**
 * Runs a program with our streams, and passes our signals on to it.
 * - Resolves to its exit code, to 128 + the number of the signal that ended it, or to 1 if it cannot be started.
 * - On a terminal SIGINT is not passed on: Ctrl-C already reaches the whole foreground group.
 */
export function runInPlace(file, args, options = {}) {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
    const pass = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    // The handlers stand before the child starts: the child may run before spawn() returns.
    for (const signal of signals) process.on(signal, pass)
    const child = spawn(file, args, { stdio: 'inherit', ...options })
    const finish = (code) => {
      for (const signal of signals) process.off(signal, pass)
      resolve(code)
    }
    child.on('error', (error) => {
      say(`${basename(file)} could not be started (${error.code})`)
      finish(1)
    })
    child.on('exit', (code, signal) => finish(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** The files below `path` (or `path` itself), sorted. Empty if it does not exist. */
export function listFiles(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  const names = readdirSync(path).sort()
  return names.flatMap((name) => listFiles(join(path, name)))
}
