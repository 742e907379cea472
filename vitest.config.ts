/**
 * Three projects:
 * - `pure`: tests of functions that touch no process and no file. They share their worker threads and module instances.
 * - `inside`: tests that run our code in their own process, with files, agents and a fake context. They share processes
 *   and module instances too: loading the sources for each file took half of the time.
 * - `programs`: tests that start the built programs, or change their own process. Each file has a process of its own.
 * Tests import the sources; tests of the built programs use dist, which `npm test` keeps up to date.
 * Only src/crypto has a coverage threshold: 100 % of its branches.
 */
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { findMemoryFolder } from './test/memory-folder.ts'

const PURE = ['test/{crypto,desk,import,completion,mail}/**/*.test.ts', 'test/term/**/*.test.ts']
/** These tests start processes, or set the time zone of their own process. */
const PROCESSES = ['test/term/{prompt,streams,loading,screen,pause,time}.test.ts']
const INSIDE = ['test/{agent,commands,console,device,files,operations,program,session,store,workstation}/**/*.test.ts']

const memory = findMemoryFolder()

export default defineConfig({
  test: {
    // Many tests wait for other processes: with a worker more than there are processors, none lies idle.
    maxWorkers: availableParallelism() + 1,
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
      { extends: true, test: { name: 'pure', include: PURE, exclude: PROCESSES, pool: 'threads', isolate: false } },
      { extends: true, test: { name: 'inside', include: INSIDE, pool: 'forks', isolate: false } },
      {
        extends: true,
        test: {
          name: 'programs',
          include: ['test/**/*.test.ts', ...PROCESSES],
          exclude: [...PURE, ...INSIDE],
          pool: 'forks',
        },
      },
    ],
  },
})
