/**
 * Guards the order in which a file with a secret is written: space is reserved before the commit, and the secret is
 * written after it. If that write fails, the error says that the change is committed.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { requireEnding, type SecretFile, withSecretFile } from '../../src/console/secret-file.ts'
import { KeydeskError } from '../../src/errors.ts'
import { createHome, fakeContext } from '../fake-context.ts'
import { catchRefusal } from '../store/fixtures.ts'

const context = fakeContext()
const FILE: SecretFile<string> = {
  commit: async () => 'the secret',
  draw: (committed) => committed,
  what: 'the PIN',
  again: (committed) => `issue another, ${committed.length}`,
}

test('a refused commit leaves no file, and its refusal is passed on', async () => {
  const home = createHome()
  const refused = new KeydeskError('rejected', 'not-genuine', 'no')
  const work = () => withSecretFile(context, join(home, 'mail.eml'), { ...FILE, commit: () => Promise.reject(refused) })
  expect(await catchRefusal(work)).toMatchObject({ kind: 'rejected', reason: 'not-genuine' })
  expect(readdirSync(home)).toEqual([])
})

test('an existing file is reported before the commit', async () => {
  const path = join(createHome(), 'mail.eml')
  writeFileSync(path, 'of somebody else')
  let committed = false
  const commit = async () => {
    committed = true
    return ''
  }
  const work = () => withSecretFile(context, path, { ...FILE, commit })
  expect(await catchRefusal(work)).toMatchObject({
    reason: 'file-exists',
    hint: 'nothing was changed; choose another name',
  })
  expect([committed, readFileSync(path, 'utf8')]).toEqual([false, 'of somebody else'])
})

test('a file that cannot be finished after the commit gives an error that says what is committed', async () => {
  const path = join(createHome(), 'mail.eml')
  const draw = (secret: string) => {
    writeFileSync(path, 'of somebody else')
    return secret
  }
  expect(await catchRefusal(() => withSecretFile(context, path, { ...FILE, draw }))).toMatchObject({
    kind: 'internal',
    reason: 'draft-unfinished',
    message: `the PIN is on record, but the file is not there: there is a file at ${path} already`,
    hint: 'issue another, 10',
  })
  expect(readFileSync(path, 'utf8')).toBe('of somebody else')
})

test('a secret that cannot be drawn after the commit gives such an error too, which does not repeat the secret', async () => {
  const home = createHome()
  const draw = (secret: string) => Promise.reject(new TypeError(`cannot draw ${secret}`))
  const { reason, message } = await catchRefusal(() =>
    withSecretFile(context, join(home, 'mail.eml'), { ...FILE, draw }),
  )
  expect(reason).toBe('draft-unfinished')
  expect(message).toMatch(/^the PIN is on record, but the file is not there: internal error: TypeError/)
  expect(message).not.toContain('the secret')
  expect(readdirSync(home)).toEqual([])
})

test('the ending of the file must match its format', () => {
  requireEnding('a.EML', '--email', ['eml'])
  requireEnding('a.svg', '--qr', ['png', 'svg'])
  expect(() => requireEnding('a.txt', '--qr', ['png', 'svg'])).toThrow('--qr names a file that ends in .png or .svg')
  expect(existsSync('a.txt')).toBe(false)
})
