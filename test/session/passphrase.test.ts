/**
 * Guards how a passphrase is read from a file or from standard input: one line of text, taken exactly except for its
 * Unicode normalisation, and never repeated in a message.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDesk, createWorkstation, expectOk, PASSPHRASE, run } from '../commands/bench.ts'

const FROM_STDIN = ['--passphrase-file', '-']

describe('a passphrase', () => {
  const init = ['init', '--org', 'Röntgen AG', '--operator', 'anna', ...FROM_STDIN]

  it('is the same in composed and decomposed Unicode', async () => {
    const bench = createWorkstation()
    await expectOk(bench, init, { input: 'größte Zoë\n'.normalize('NFC') })
    const decomposed = { input: 'größte Zoë\n'.normalize('NFD') }
    expect(await run(bench, ['device', 'list', ...FROM_STDIN], decomposed)).toMatchObject({ exit: 0 })
  })

  it('ends with its line, and keeps its spaces', async () => {
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

  it('must be UTF-8, because two passphrases of other bytes could decode to the same text', async () => {
    const bench = createWorkstation()
    const file = join(bench.home, 'bytes')
    writeFileSync(file, Buffer.from('correct \xff horse', 'latin1'))
    const { exit, err } = await run(bench, [...init.slice(0, -1), file])
    expect([exit, err]).toEqual([2, 'keydesk: the file that --passphrase-file names is not UTF-8 text\n'])
  })

  it('is not repeated in the error when it is given instead of its file', async () => {
    const bench = await createDesk()
    const { exit, err } = await run(bench, ['device', 'list', '--passphrase-file', PASSPHRASE])
    expect(exit).toBe(2)
    expect(err).not.toContain(PASSPHRASE)
  })
})
