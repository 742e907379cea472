/** `--version` alone: the answer without loading the program, which would take longer than the rest of the start. */
'use strict'
const fs = require('fs')

function isVersionRequest(argv) {
  return argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')
}

function printVersion() {
  try {
    fs.writeSync(1, `${__VERSION__}\n`)
  } catch {
    // The reader has closed the pipe.
  }
}

module.exports = { isVersionRequest, printVersion }
