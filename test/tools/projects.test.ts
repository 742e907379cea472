/** Guards that `npm test` runs each test file once: a file in no project of vitest.config.ts would never run. */
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const VITEST = 'node_modules/vitest/vitest.mjs'

test('each test file is in one project', () => {
  const listed = execFileSync(process.execPath, [VITEST, 'list', '--filesOnly', '--json'], {
    cwd: root,
    encoding: 'utf8',
  })
  const files = (JSON.parse(listed) as { file: string }[]).map(({ file }) => relative(root, file))
  expect(files.sort()).toEqual(globSync('test/**/*.test.ts', { cwd: root }).sort())
})
