/**
 * `npm run lint [-- NAME …]`: runs the checks that only read the files.
 * - All checks run, even if one fails. The exit code is 1 if any failed, and 2 for an unknown name.
 * - shellcheck is not an npm package. If it is missing, a line says so and the check is skipped.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from '../runtime.mjs'
import { findHouseFaults } from './house.mjs'
import { findLanguageFaults } from './language.mjs'

const node =
  (path, ...args) =>
  () =>
    run('node', process.execPath, [join(root, 'node_modules', path), ...args])

const SCRIPTS = ['.ci/run', 'src/completion/keydesk.bash', 'tools/fresh-clone.sh', 'tools/try-package.sh']

/** Each check returns whether it passed. */
const CHECKS = {
  /** Format, imports, cycles and rules. */
  biome: node('@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  /** Layers, nouns, folders and names. */
  house: () => report(findHouseFaults(root)),
  /** Plain English in messages, comments and documents. */
  language: () => report(findLanguageFaults(root)),
  /** Unused files, exports and dependencies. */
  knip: node('knip/bin/knip.js'),
  /** The package holds the files that package.json promises. */
  publint: node('publint/src/cli.js', '--strict'),
  shellcheck: () => run('shellcheck', 'shellcheck', [...SCRIPTS, ...globSync('docs/runbooks/*.sh', { cwd: root })]),
}

function run(name, file, args) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error?.code !== 'ENOENT' || name !== 'shellcheck') return status === 0
  say('lint: shellcheck is not installed here, and was skipped')
  return true
}

function report(faults) {
  for (const fault of faults) say(fault)
  return faults.length === 0
}

function passes(name) {
  const passed = CHECKS[name]()
  say(`lint: ${name} ${passed ? 'ok' : 'FAILED'}`)
  return passed
}

const names = process.argv.slice(2)
const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name))
if (unknown.length > 0) {
  say(`lint: there is no ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}`)
  process.exitCode = 2
} else {
  const results = (names.length > 0 ? names : Object.keys(CHECKS)).map(passes)
  process.exitCode = results.every(Boolean) ? 0 : 1
}
