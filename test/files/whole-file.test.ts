/** A file appears whole or not at all, only its owner can read it, and it replaces another file only on request. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeWholeFile } from '../../src/files/whole-file.ts'
import { createHome } from '../fake-context.ts'
import { expectRefusal, seededRandom } from '../store/fixtures.ts'
import { traceDisk } from './disk-calls.ts'

const random = seededRandom('drafts')
const writeTwice = async (write: (text: string) => void) => {
  write('one\n')
  write('zwölf\n')
  return 2
}

describe('a new file', () => {
  test('holds everything that was written, has mode 0600, and leaves no other file beside it', async () => {
    const home = createHome()
    const path = join(home, 'record')
    expect(await writeWholeFile(path, { mayReplace: false, random }, writeTwice)).toBe(2)
    expect(readFileSync(path, 'utf8')).toBe('one\nzwölf\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(home)).toEqual(['record'])
  })

  test('does not appear before it is whole, and not at all if the writing fails', async () => {
    const home = createHome()
    const path = join(home, 'record')
    const failing = writeWholeFile(path, { mayReplace: false, random }, async (write) => {
      write('one\n')
      expect(readdirSync(home)).not.toContain('record')
      throw new Error('in the middle')
    })
    await expect(failing).rejects.toThrow('in the middle')
    expect(readdirSync(home)).toEqual([])
  })
})

describe('a file that is there', () => {
  test.each([
    ['before', (path: string) => writeFileSync(path, 'mine')],
    ['as a link that leads nowhere', (path: string) => symlinkSync('/nowhere/at/all', path)],
  ])('%s stays, and nothing is written', async (_, make) => {
    const home = createHome()
    const path = join(home, 'record')
    make(path)
    let runs = 0
    await expectRefusal('refused', 'file-exists', () =>
      writeWholeFile(path, { mayReplace: false, random }, async () => void runs++),
    )
    expect(runs).toBe(0)
    expect(readdirSync(home)).toEqual(['record'])
  })

  test('since the writing began stays as well', async () => {
    const path = join(createHome(), 'record')
    await expectRefusal('refused', 'file-exists', () =>
      writeWholeFile(path, { mayReplace: false, random }, async () => writeFileSync(path, 'mine')),
    )
    expect(readFileSync(path, 'utf8')).toBe('mine')
  })

  test('is replaced on request, and stays if the writing fails', async () => {
    const path = join(createHome(), 'record')
    writeFileSync(path, 'mine', { mode: 0o644 })
    await expect(
      writeWholeFile(path, { mayReplace: true, random }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no')
    expect(readFileSync(path, 'utf8')).toBe('mine')
    await writeWholeFile(path, { mayReplace: true, random }, writeTwice)
    expect(readFileSync(path, 'utf8')).toBe('one\nzwölf\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})

test('a missing directory, and a directory in the place of the file, are refused', async () => {
  const home = createHome()
  await expectRefusal('refused', 'no-such-place', () =>
    writeWholeFile(join(home, 'no', 'record'), { mayReplace: false, random }, writeTwice),
  )
  mkdirSync(join(home, 'record'))
  await expectRefusal('refused', null, () =>
    writeWholeFile(join(home, 'record'), { mayReplace: true, random }, writeTwice),
  )
  expect(readdirSync(home)).toEqual(['record'])
})

describe('reserved space', () => {
  test('is allocated before the work begins, and cut to the written bytes afterwards', async () => {
    const home = createHome()
    const path = join(home, 'mail.eml')
    await writeWholeFile(path, { mayReplace: false, random, reserve: 1_000 }, async (write) => {
      const [draft = ''] = readdirSync(home)
      expect(draft).toMatch(/^mail\.eml\.[0-9a-f]{16}\.new$/)
      expect(statSync(join(home, draft))).toMatchObject({ size: 1_000, mode: 0o100600 })
      write('zwölf\n')
      write(new Uint8Array([49, 50]))
    })
    expect(readFileSync(path, 'utf8')).toBe('zwölf\n12')
    expect(readdirSync(home)).toEqual(['mail.eml'])
  })

  test('grows if more is written', async () => {
    const path = join(createHome(), 'mail.eml')
    await writeWholeFile(path, { mayReplace: false, random, reserve: 3 }, async (write) => write('x'.repeat(10)))
    expect(readFileSync(path, 'utf8')).toBe('x'.repeat(10))
  })
})

describe('a file that survives a power cut', () => {
  test.each([
    ['a new name', false, 'link'],
    ['the name of another file', true, 'rename'],
  ])('has its bytes synced before it takes %s, and then its directory', async (_, mayReplace, take) => {
    const path = join(createHome(), 'record')
    const calls = await traceDisk(() => writeWholeFile(path, { mayReplace, random }, writeTwice))
    expect(calls).toEqual(['fsync draft', `${take} record`, 'fsync directory'])
  })
})
