/**
 * The projects:
 * - `pure`: tests of functions that touch no process and no file. They share their worker threads and module instances.
 * - `inside`: tests that run our code in their own process, with files, agents and a fake context. They share processes
 *   and module instances too: loading the sources for each file took half of the time.
 * - `programs`: tests of the built programs. They share processes too; scrypt is cheap in them (test/cheap-scrypt.cjs).
 * - `alone`: tests that change their own process, replace a module of Node, or need scrypt at its real cost. Each file
 *   has a process of its own. `pure-alone` is the same for src/crypto.
 * Tests import the sources; tests of the built programs use dist, which `npm test` keeps up to date.
 * Only src/crypto has a coverage threshold: 100 % of its branches.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { findMemoryFolder } from './test/memory-folder.ts'

const PURE = ['test/{crypto,desk,import,completion,mail,term}/**/*.test.ts']
const INSIDE = ['test/{agent,commands,console,device,files,operations,program,session,store,workstation}/**/*.test.ts']
const PROGRAMS = ['test/acceptance/**/*.test.ts']
const PURE_ALONE = ['test/crypto/small-order.test.ts']
const ALONE = [
  'test/{interop,tools,torture}/**/*.test.ts',
  'test/transcripts.test.ts',
  // These start processes, or set the time zone of their own process.
  'test/term/{prompt,streams,loading,screen,pause,time}.test.ts',
  // It replaces a module of Node. Code that another file has loaded before would keep the real one.
  'test/store/bulk/second-thread.test.ts',
]

const memory = findMemoryFolder()

export default defineConfig({
  test: {
    // Many tests wait for other processes: with a worker more than there are processors, none lies idle.
    maxWorkers: availableParallelism() + 1,
    setupFiles: 'test/setup.ts',
    // These limits only end a test that hangs. They are so long that a busy machine does not reach them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 150_000, interval: 20 } },
    env: memory === null ? {} : { TMPDIR: memory },
    coverage: {
      provider: 'v8',
      include: ['src/crypto/**/*.ts'],
      reporter: [['text-summary'], ['text', { skipFull: true, file: 'coverage.txt' }], ['json-summary']],
      thresholds: { 'src/crypto/**': { 100: true } },
    },
    projects: [
      {
        extends: true,
        test: { name: 'pure', include: PURE, exclude: [...ALONE, ...PURE_ALONE], pool: 'threads', isolate: false },
      },
      { extends: true, test: { name: 'pure-alone', include: PURE_ALONE, pool: 'threads' } },
      { extends: true, test: { name: 'inside', include: INSIDE, exclude: ALONE, pool: 'forks', isolate: false } },
      { extends: true, test: { name: 'programs', include: PROGRAMS, pool: 'forks', isolate: false } },
      { extends: true, test: { name: 'alone', include: ALONE, pool: 'forks' } },
    ],
  },
})
