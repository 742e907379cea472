/** Guards that each transcript, and each ```console block of the documents, is exactly what the programs print. */
import { existsSync, globSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { playFile } from './transcript.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const transcripts = globSync('test/transcripts/*.txt', { cwd: root }).sort()
const documents = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root }).sort()].filter((path) =>
  existsSync(`${root}/${path}`),
)

describe.each(['transcripts', 'documents'] as const)('%s', (kind) => {
  test.each(kind === 'transcripts' ? transcripts : documents)('%s is exactly the real output', async (path) => {
    const { written, played } = await playFile(`${root}/${path}`)
    expect(played).toBe(written)
  })
})
