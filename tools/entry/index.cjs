#!/usr/bin/env node
/**
 * The start of both programs: every step from the command line to the program itself, in order.
 *
 * The build bundles this folder into one file for each program: a second file would cost time at every start.
 * - esbuild replaces __PROGRAM__, __VERSION__ and the other names in double underscores by their values.
 * - __dirname is the folder of the bundle, which is dist.
 * - Node 12 parses the whole bundle. An old Node then reaches the sentence that says which Node is needed.
 * - The files are CommonJS. For an `import` of a built-in module esbuild would copy each of its properties.
 */
'use strict'
const { findCommand } = require('./command.cjs')
const { findCodeFile } = require('./compiled-code.cjs')
const { isNodeNewEnough, startNewerNode } = require('./engine.cjs')
const { restartForFleetImport } = require('./heap.cjs')
const { run } = require('./run.cjs')
const { isVersionRequest, printVersion } = require('./version.cjs')

const argv = process.argv.slice(2)

if (!isNodeNewEnough()) startNewerNode()
else if (isVersionRequest(argv)) printVersion()
else start()

function start() {
  const command = findCommand(argv)
  restartForFleetImport(command)
  // Before any file is written: only this user may read the compiled code.
  process.umask(0o077)
  // TAB has a small program of its own.
  const main = argv[0] === 'complete' ? __COMPLETE__ : __MAIN__
  // The agent holds keys, so it executes only what it compiles itself. It writes no compiled code either.
  run(main, argv[0] === '__agent' ? null : findCodeFile(command))
}
