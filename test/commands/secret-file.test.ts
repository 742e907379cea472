/** Guards the order of a file with a secret: room before the commit, the secret after it, and the truth where that fails. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requireEnding, withSecretFile } from '../../src/commands/secret-file.ts'
import { KeydeskError } from '../../src/errors.ts'
import { createHome, fakeContext } from '../fake-context.ts'
import { catchRefusal } from '../store/fixtures.ts'

const context = fakeContext()

test('what is refused leaves nothing, and is refused as it was', async () => {
  const home = createHome()
  const refused = new KeydeskError('rejected', 'not-genuine', 'no')
  const work = () => withSecretFile(context, join(home, 'mail.eml'), 'again', () => Promise.reject(refused))
  expect(await catchRefusal(work)).toMatchObject({ kind: 'rejected', reason: 'not-genuine' })
  expect(readdirSync(home)).toEqual([])
})

test('a place that is taken is said before the work begins', async () => {
  const path = join(createHome(), 'mail.eml')
  writeFileSync(path, 'of somebody else')
  let committed = false
  const commit = async () => {
    committed = true
  }
  const work = () => withSecretFile(context, path, 'again', commit)
  expect(await catchRefusal(work)).toMatchObject({
    reason: 'file-exists',
    hint: 'nothing was changed; choose another name',
  })
  expect([committed, readFileSync(path, 'utf8')]).toEqual([false, 'of somebody else'])
})

test('one that cannot be finished after the commit says what has happened', async () => {
  const path = join(createHome(), 'mail.eml')
  const work = () =>
    withSecretFile(context, path, 'issue another', async (write) => {
      write('the secret')
      writeFileSync(path, 'of somebody else')
    })
  expect(await catchRefusal(work)).toMatchObject({
    kind: 'internal',
    reason: 'draft-unfinished',
    hint: 'issue another',
  })
  expect(readFileSync(path, 'utf8')).toBe('of somebody else')
})

test('the ending says what is in it', () => {
  requireEnding('a.EML', '--email', ['eml'])
  requireEnding('a.svg', '--qr', ['png', 'svg'])
  expect(() => requireEnding('a.txt', '--qr', ['png', 'svg'])).toThrow('--qr names a file that ends in .png or .svg')
  expect(existsSync('a.txt')).toBe(false)
})
