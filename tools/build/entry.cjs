#!/usr/bin/env node
/**
 * The first lines of __PROGRAM__: the right Node, then what an earlier run compiled, then the program itself (__MAIN__). Written so that
 * any Node from 12 on parses it, for an old one must get as far as the sentence that says what to install.
 */
'use strict'
const fs = require('fs')
const path = require('path')

const NEEDED = '__NEEDED__'.split('.').map(Number)
const COMMANDS = '__COMMANDS__'.split(' ')
/** Commands that go through a whole fleet, and keep it in memory; and how V8 is to do that. */
const FLEETS = ['device-import', 'user-import']
const TIGHT = '--max-semi-space-size=8'
/** What compiled code is good for. */
const OF = '__BUILD__ ' + process.version + ' ' + process.arch
/** A kept file has 2 MB; what is much larger is none, and would only be waited for. */
const MOST_KEPT = 32 * 1024 * 1024

const have = process.versions.node.split('.').map(Number)

if (have[0] < NEEDED[0] || (have[0] === NEEDED[0] && have[1] < NEEDED[1])) {
  startWithNewerNode()
} else {
  start(process.argv.slice(2))
}

/** What need not be felt is not made to wait for the program: its version, and a TAB, which has a small program of its own. */
function start(argv) {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return sayVersion()
  if (FLEETS.includes(commandOf(argv))) startTight()
  // What keeps compiled code keeps it from others, whatever the shell's umask leaves.
  process.umask(0o077)
  run(argv[0] === 'complete' ? './__COMPLETE__.cjs' : './__MAIN__.cjs', keptFile(argv))
}

function sayVersion() {
  try {
    fs.writeSync(1, '__VERSION__\n')
  } catch {
    // Whoever asked has gone.
  }
}

/** In a clone, tools/run.mjs may have brought a Node; a published package has none, and says what to install. */
function startWithNewerNode() {
  const windows = process.platform === 'win32'
  const name = 'node-' + (windows ? 'win' : process.platform) + '-' + process.arch
  const node = path.join(__dirname, '../tools/runtime/node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  // Not when we are that one, and it is too old itself: we would start ourselves without end.
  if (!fs.existsSync(node) || fs.realpathSync(node) === fs.realpathSync(process.execPath)) {
    const needed = 'Node ' + NEEDED.join('.') + ' or newer is needed (this is ' + process.version + ')'
    process.stderr.write('__PROGRAM__: ' + needed + '; install it from nodejs.org or with your package manager\n')
    process.exitCode = 1
    return
  }
  const child = require('child_process').spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  // On a terminal Ctrl-C reaches the child by itself, and is only waited out here; sent by `kill` it is passed on.
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, pass)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}

/**
 * V8 lets the garbage of a process that is busy grow to 96 MB before it looks at it, and can be told otherwise only when it starts. A
 * fleet's import is no slower with less, and takes a third less memory. Where a process cannot be replaced it goes on as it is.
 */
function startTight() {
  if (process.execArgv.includes(TIGHT)) return
  try {
    process.execve(
      process.execPath,
      [process.execPath].concat(process.execArgv, TIGHT, process.argv.slice(1)),
      process.env,
    )
  } catch {
    // Windows.
  }
}

/**
 * Runs a bundle of ours, and with it those that it requires, by the code that an earlier run of the same command compiled. Node's own
 * compile cache keeps what is compiled when a file is loaded, which is little: a function is compiled when it is first called. What is
 * kept here was taken at the end of a run, and has them all.
 */
function run(main, kept) {
  const vm = require('vm')
  const Module = require('module')
  const found = kept === null ? null : readKept(kept)
  const scripts = {}
  const load = (id) => {
    if (!id.startsWith('./')) return require(id)
    const filename = path.join(__dirname, id)
    if (require.cache[filename] !== undefined) return require.cache[filename].exports
    const made = new Module(filename, module)
    require.cache[filename] = made
    // On the first line, so that the lines of a stack trace are those of the file.
    const source =
      '(function (exports, require, module, __filename, __dirname) {' + fs.readFileSync(filename, 'utf8') + '\n})'
    const cachedData = found === null ? undefined : found.codes[id]
    scripts[id] = new vm.Script(source, { filename, cachedData })
    scripts[id].runInThisContext()(made.exports, load, made, filename, path.dirname(filename))
    return made.exports
  }
  if (kept !== null) process.once('exit', (exit) => keep(kept, found, scripts, exit))
  load(main)
}

/** Keeps what was compiled, if it is more than was found: for a bundle that had none, or by the first run that succeeded. */
function keep(file, found, scripts, exit) {
  const isNew = (id) => found === null || found.codes[id] === undefined || scripts[id].cachedDataRejected
  if (!Object.keys(scripts).some(isNew) && (found.exit === 0 || exit !== 0)) return
  const temporary = file + '.' + process.pid
  try {
    const codes = Object.assign({}, found === null ? {} : found.codes)
    for (const id of Object.keys(scripts)) codes[id] = scripts[id].createCachedData()
    const lengths = Object.keys(codes).map((id) => [id, codes[id].length])
    const header = Buffer.from(JSON.stringify({ of: OF, exit, lengths }) + '\n')
    const body = Buffer.concat(Object.keys(codes).map((id) => codes[id]))
    fs.writeFileSync(temporary, Buffer.concat([header, body, body]), { flag: 'wx', mode: 0o600 })
    fs.renameSync(temporary, file)
  } catch {
    // The next start is as slow as this one.
    removeQuietly(temporary)
  }
}

function removeQuietly(file) {
  try {
    fs.unlinkSync(file)
  } catch {
    // It was not made.
  }
}

/**
 * What was kept of these very bundles by this very Node: V8 itself compares no more of a source than its length. It does not look for damage
 * either, and runs what it is given, so the code is kept twice, and is used where both copies agree: no checksum is as
 * cheap. Null for anything else.
 */
function readKept(file) {
  try {
    const bytes = readFile(file)
    const start = bytes.indexOf(10) + 1
    const { of, exit, lengths } = JSON.parse(bytes.toString('latin1', 0, start))
    const middle = start + (bytes.length - start) / 2
    if (of !== OF || !bytes.subarray(start, middle).equals(bytes.subarray(middle))) return null
    const codes = {}
    let at = start
    for (const [id, length] of lengths) {
      codes[id] = bytes.subarray(at, at + length)
      at += length
    }
    return at === middle ? { exit, codes } : null
  } catch {
    return null
  }
}

/** Without waiting: a pipe in the file's place has no writer, and a device no end. Throws for anything but a file of a size that can be. */
function readFile(file) {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants
  const fd = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const found = fs.fstatSync(fd)
    if (!found.isFile() || found.size > MOST_KEPT) throw new Error('not kept by us')
    return fs.readFileSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/**
 * Compiled code is executed as it is found, so it is kept only where nobody else can have put it: in the user's own cache
 * folder, never in a shared temporary one. Any doubt or failure means that none is kept, and a start that is a few
 * milliseconds slower. There is a file for each command, with the functions that this command calls. Null where there is none.
 */
function keptFile(argv) {
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return null
  try {
    const directory = privateDirectory()
    return directory === null ? null : path.join(directory, '__PROGRAM__-' + commandOf(argv))
  } catch {
    return null
  }
}

/** `reset-confirm`. Never what else was typed: it would be the name of a file. */
function commandOf(argv) {
  // What a help text calls is next to nothing of what its command does.
  if (argv.includes('--help') || argv.includes('-h')) return 'help'
  const at = argv.findIndex((word) => COMMANDS.includes(word))
  const names = [3, 2, 1].map((count) => argv.slice(at, at + count).join('-'))
  return at < 0 ? 'other' : names.find((name) => COMMANDS.includes(name))
}

/** The cache's directory, made if it is missing; null unless it and the two folders above it are ours alone to write. */
function privateDirectory() {
  const base = cacheHome()
  if (base === null) return null
  const own = path.join(base, 'keydesk')
  const directory = path.join(own, 'compile')
  if (!isPrivate(base) && !makePrivate(base)) return null
  if (!isPrivate(own) && !makePrivate(own)) return null
  return isPrivate(directory) || makePrivate(directory) ? directory : null
}

/** Makes one missing folder in one of ours (with `sudo`, HOME may be another's). Throws where there is something else. */
function makePrivate(directory) {
  if (!isPrivate(path.dirname(directory))) return false
  fs.mkdirSync(directory, { mode: 0o700 })
  return isPrivate(directory)
}

function cacheHome() {
  const env = process.env
  if (process.platform === 'win32') return env.LOCALAPPDATA ? path.join(env.LOCALAPPDATA, 'keydesk', 'Cache') : null
  if (process.platform === 'darwin') return env.HOME ? path.join(env.HOME, 'Library', 'Caches') : null
  if (env.XDG_CACHE_HOME && path.isAbsolute(env.XDG_CACHE_HOME)) return env.XDG_CACHE_HOME
  return env.HOME ? path.join(env.HOME, '.cache') : null
}

/** A real directory (no link), owned by us, that neither group nor others may write. Windows: the profile's own ACL holds. */
function isPrivate(directory) {
  const found = fs.lstatSync(directory, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return false
  return process.getuid === undefined || (found.uid === process.getuid() && (found.mode & 0o022) === 0)
}
