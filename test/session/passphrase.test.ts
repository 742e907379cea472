/**
 * Guards what counts as a passphrase, out of a file or standard input: one line of text, to the letter, never said
 * again.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDesk, createWorkstation, expectOk, PASSPHRASE, run } from '../commands/bench.ts'

const FROM_STDIN = ['--passphrase-file', '-']

describe('a passphrase', () => {
  const init = ['init', '--org', 'Röntgen AG', '--operator', 'anna', ...FROM_STDIN]

  it('is the same, composed or not', async () => {
    const bench = createWorkstation()
    await expectOk(bench, init, { input: 'größte Zoë\n'.normalize('NFC') })
    const decomposed = { input: 'größte Zoë\n'.normalize('NFD') }
    expect(await run(bench, ['device', 'list', ...FROM_STDIN], decomposed)).toMatchObject({ exit: 0 })
  })

  it('ends at its line, and keeps its spaces', async () => {
    const bench = createWorkstation()
    await expectOk(bench, init, { input: ' pass phrase \r\nnot this\n' })
    expect(await run(bench, ['device', 'list', ...FROM_STDIN], { input: ' pass phrase ' })).toMatchObject({ exit: 0 })
    expect(await run(bench, ['device', 'list', ...FROM_STDIN], { input: 'pass phrase' })).toMatchObject({ exit: 5 })
  })

  it.each([
    [7, 2],
    [8, 0],
    [1024, 0],
    [1025, 2],
  ])('of %i bytes gives exit %i', async (bytes, exit) => {
    expect(await run(createWorkstation(), init, { input: 'x'.repeat(bytes) })).toMatchObject({ exit })
  })

  it('is text: two that differ in bytes that are none would be one', async () => {
    const bench = createWorkstation()
    const file = join(bench.home, 'bytes')
    writeFileSync(file, Buffer.from('correct \xff horse', 'latin1'))
    const { exit, err } = await run(bench, [...init.slice(0, -1), file])
    expect([exit, err]).toEqual([2, 'keydesk: the file that --passphrase-file names is not UTF-8 text\n'])
  })

  it('given where its file belongs is not repeated', async () => {
    const bench = await createDesk()
    const { exit, err } = await run(bench, ['device', 'list', '--passphrase-file', PASSPHRASE])
    expect(exit).toBe(2)
    expect(err).not.toContain(PASSPHRASE)
  })
})
