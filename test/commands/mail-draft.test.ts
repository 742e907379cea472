/** Guards the order of a mail draft: a blank before the commit, the secret after it, and nothing left of what did not happen. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDraft } from '../../src/commands/mail-draft.ts'
import { createHome } from '../fake-context.ts'
import { catchRefusal } from '../store/fixtures.ts'

const fresh = () => {
  const path = join(createHome(), 'mail.eml')
  return { path, part: `${path}.part`, draft: openDraft(path, '--email') }
}

test('before it is complete there is a blank, for its owner alone, and no file of its name', () => {
  const { path, part, draft } = fresh()
  draft.reserve('PIN: #####')
  expect([existsSync(path), readFileSync(part, 'utf8')]).toEqual([false, 'PIN: #####'])
  expect(statSync(part).mode & 0o777).toBe(0o600)
  draft.complete('PIN: 12345')
  draft.abandon()
  expect([existsSync(part), readFileSync(path, 'utf8')]).toEqual([false, 'PIN: 12345'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('reserved again, as after a conflict, it is the later one', () => {
  const { path, draft } = fresh()
  draft.reserve('a longer blank')
  draft.reserve('blank')
  draft.complete('whole')
  expect(readFileSync(path, 'utf8')).toBe('whole')
})

test('abandoned, nothing is left; without a reservation nothing is touched', () => {
  const { path, part, draft } = fresh()
  draft.reserve('blank')
  draft.abandon()
  expect([existsSync(path), existsSync(part)]).toEqual([false, false])
  writeFileSync(part, 'of somebody else')
  openDraft(path, '--email').abandon()
  expect(readFileSync(part, 'utf8')).toBe('of somebody else')
})

test('never over a file of that name, finished or not', async () => {
  for (const taken of ['path', 'part'] as const) {
    const world = fresh()
    writeFileSync(world[taken], 'of somebody else')
    expect(await catchRefusal(() => world.draft.reserve('blank'))).toMatchObject({
      kind: 'usage',
      reason: 'unwritable-file',
    })
    world.draft.abandon()
    expect(readFileSync(world[taken], 'utf8')).toBe('of somebody else')
  }
})

test('that cannot be finished says what has happened', async () => {
  const { part, draft } = fresh()
  draft.reserve('blank')
  rmSync(part)
  expect(await catchRefusal(() => draft.complete('whole'))).toMatchObject({
    kind: 'internal',
    reason: 'draft-unfinished',
    message: 'it is on record, but the mail could not be finished (ENOENT)',
  })
})
