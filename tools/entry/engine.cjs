/**
 * The check for the Node version, and what happens on an older Node. This file runs on Node 12.
 * A clone may have a newer Node, which tools/run.mjs installs; a published package has none.
 */
'use strict'
const fs = require('fs')
const path = require('path')

function isNodeNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [neededMajor, neededMinor] = __NEEDED__.split('.').map(Number)
  return major > neededMajor || (major === neededMajor && minor >= neededMinor)
}

/** Runs this program again with the newer Node of the clone. Without one it says which Node to install. */
function startNewerNode() {
  const node = findNewerNode()
  if (node === null) {
    const needed = `Node ${__NEEDED__} or newer is needed (this is ${process.version})`
    process.stderr.write(`${__PROGRAM__}: ${needed}; install it from nodejs.org or with your package manager\n`)
    process.exitCode = 1
    return
  }
  // The handlers stand before the child starts: the child may run before spawn() returns.
  // On a terminal Ctrl-C reaches the child by itself. A SIGINT that `kill` sends does not, so it is passed on.
  const pass = (signal) => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  const child = require('child_process').spawn(node, process.argv.slice(1), { stdio: 'inherit' })
  child.on('exit', (code, signal) => {
    for (const each of signals) process.removeListener(each, pass)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}

/** The path of the clone's own Node. Null if it is missing, or if it runs this process: it would start itself forever. */
function findNewerNode() {
  const windows = process.platform === 'win32'
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const node = path.join(__dirname, '../tools/runtime/node_modules', name, 'bin', windows ? 'node.exe' : 'node')
  if (!fs.existsSync(node)) return null
  return fs.realpathSync(node) === fs.realpathSync(process.execPath) ? null : node
}

module.exports = { isNodeNewEnough, startNewerNode }
