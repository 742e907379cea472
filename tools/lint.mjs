/**
 * `npm run lint [-- NAME …]`: the checks that read and run nothing. All of them run, whatever fails; the exit code is 1 if any did.
 * shellcheck is not a package: where it is missing it is said to be, and left out.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { root, say } from './runtime.mjs'

const node = (path, ...args) => [process.execPath, [join(root, 'node_modules', path), ...args]]

const CHECKS = {
  /** Format, imports and rules, those of the layers included. */
  biome: node('@biomejs/biome/bin/biome', 'check', '--error-on-warnings'),
  /** Files, exports and dependencies that nobody uses. */
  knip: node('knip/bin/knip.js'),
  /** Whether what package.json promises is in the package. */
  publint: node('publint/src/cli.js', '--strict'),
  shellcheck: [
    'shellcheck',
    [
      ...['.ci/run', 'src/completion/keydesk.bash', 'tools/fresh-clone.sh', 'tools/try-package.sh'],
      ...globSync('docs/runbooks/*.sh', { cwd: root }),
    ],
  ],
}

function passes(name) {
  const [file, args] = CHECKS[name]
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (error?.code === 'ENOENT' && name === 'shellcheck') {
    say(`lint: ${name} is not installed here, and was left out`)
    return true
  }
  say(`lint: ${name} ${status === 0 ? 'ok' : 'FAILED'}`)
  return status === 0
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
