/**
 * Tests run as the sources stand; those of the built programs use dist, which `npm test` keeps fresh. The crypto core is covered
 * to the last branch, by threshold; of the rest the figures are shown.
 */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Vitest leaves a processor to itself, and of two that is half: much of what is tested are programs, which wait for the disk and for each other.
    maxWorkers: '100%',
    // scrypt at its real cost takes 0.4 s a call, and machines are busy.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: [['text-summary'], ['text', { skipFull: true, file: 'coverage.txt' }], ['json-summary']],
      thresholds: { 'src/crypto/**': { 100: true } },
    },
  },
})
