/**
 * `npm run torture [-- 500]`: the long form of the tests that guard the bars by sheer number. 10,000 strings and every
 * one-symbol edit of 100 codes are fed to `reset confirm`; real processes of the desk and of the device are killed so
 * many times (200 unless told).
 */
import { existsSync } from 'node:fs'
import { fail, root, runInPlace, say } from './runtime.mjs'

const times = process.argv[2] ?? '200'
if (!/^[1-9][0-9]*$/.test(times)) fail('usage: npm run torture [-- TIMES]')

const vitest = 'node_modules/vitest/vitest.mjs'
/** Where a commit is made durable in no time: what is fed is many, and what is asked of it is not durability. */
const memory = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}
const PARTS = [
  {
    name: `killing the desk and the device ${times} times each`,
    env: {},
    files: ['test/bars/killed.test.ts', 'test/device/kill.test.ts'],
  },
  { name: 'feeding 10,000 strings and the edits of 100 codes', env: memory, files: ['test/bars/any-code.test.ts'] },
]

for (const { name, env, files } of PARTS) {
  say(name)
  const options = { cwd: root, env: { ...process.env, ...env, KEYDESK_TORTURE: times } }
  const code = await runInPlace(process.execPath, [vitest, 'run', ...files], options)
  if (code !== 0) process.exit(code)
}
