/** Finds which command a command line names. The answer becomes part of a file name. */
'use strict'

const COMMANDS = __COMMANDS__.split(' ')

/**
 * `reset-confirm` for `reset confirm CODE`. Only names that the build lists, `help` and `other` are returned:
 * nothing else from the command line reaches a file name.
 */
function findCommand(argv) {
  // A help text runs almost none of the command's own code.
  if (argv.includes('--help') || argv.includes('-h')) return 'help'
  const at = argv.findIndex((word) => COMMANDS.includes(word))
  if (at < 0) return 'other'
  const names = [3, 2, 1].map((count) => argv.slice(at, at + count).join('-'))
  return names.find((name) => COMMANDS.includes(name))
}

module.exports = { findCommand }
