#!/usr/bin/env node
/**
 * The first lines of __PROGRAM__: the right Node, then its compile cache, then the program itself (__MAIN__). Written so that
 * any Node from 12 on parses it, for an old one must get as far as the sentence that says what to install.
 */
'use strict'
const fs = require('fs')
const path = require('path')

const NEEDED = '__NEEDED__'.split('.').map(Number)
const have = process.versions.node.split('.').map(Number)

if (have[0] < NEEDED[0] || (have[0] === NEEDED[0] && have[1] < NEEDED[1])) {
  startWithNewerNode()
} else {
  start(process.argv.slice(2))
}

/** What need not be felt is not made to wait for the program: its version, and a TAB, which has a small program of its own. */
function start(argv) {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) return sayVersion()
  enableCompileCache()
  require(argv[0] === 'complete' ? './__COMPLETE__.cjs' : './__MAIN__.cjs')
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
 * Compiled code is executed as it is found, so it is kept only where nobody else can have put it: in the user's own cache
 * folder, never in the shared temporary one that Node takes by default, where another user may plant code for us to run. Any
 * doubt or failure means no cache, and a start that is a few milliseconds slower. Node itself checks each entry against the
 * source it was compiled from, and keeps versions of Node apart.
 */
function enableCompileCache() {
  // Node makes a directory there, with whatever modes the shell's umask leaves.
  process.umask(0o077)
  if (process.env.NODE_DISABLE_COMPILE_CACHE) return
  try {
    const directory = privateDirectory()
    if (directory !== null) require('module').enableCompileCache(directory)
  } catch {
    // As slow as without it.
  }
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
