/** The names that the agent finds for a TAB: names of one store that begin with the typed text. */
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Named } from '../../src/completion/complete.ts'
import { namesOfAgent } from '../../src/completion/desk-names.ts'
import type { NameKind } from '../../src/completion/next-word.ts'
import { completeNames } from '../../src/operations/directory.ts'
import {
  type Bench,
  createDesk,
  createWorkstation,
  expectOk,
  invitePhone,
  openContext,
  PASSPHRASE,
  run,
} from '../commands/bench.ts'

const NOBODY = { store: null, operator: null }
const find = (
  bench: Bench,
  kind: NameKind,
  prefix: string,
  env = {},
  meant: { store: string | null; operator: string | null } = NOBODY,
) => namesOfAgent(() => openContext(bench).places, env)(kind, prefix, meant)
const namesOf = (found: readonly Named[]) => found.map(({ name }) => name)

describe('a TAB', () => {
  let bench: Bench
  let tag: string
  beforeAll(async () => {
    bench = await createDesk()
    await invitePhone(bench, 'zoe@example.ch', 'Zoë’s phone')
    await invitePhone(bench, 'max@example.ch', 'zoom room')
    const { deviceId } = await invitePhone(bench, 'max@example.ch', 'zoo, ended')
    await expectOk(bench, ['device', 'retire', deviceId, '--yes'])
    await expectOk(bench, ['user', 'add', 'zora@example.ch'])
    await expectOk(bench, ['user', 'add', 'zack@example.ch'])
    await expectOk(bench, ['user', 'remove', 'zack@example.ch', '--yes'])
    tag = (await find(bench, 'device', 'zoom'))[0]?.tag as string
  })

  it('finds devices by name in any case and by tag, and no retired device', async () => {
    expect(namesOf(await find(bench, 'device', 'ZO'))).toEqual(['Zoë’s phone', 'zoom room'])
    expect(namesOf(await find(bench, 'device', ''))).toHaveLength(2)
    expect(namesOf(await find(bench, 'device', 'room'))).toEqual([])
    expect(await find(bench, 'device', tag.toLowerCase())).toEqual([
      { name: tag, tag, about: 'zoom room of max@example.ch' },
    ])
  })

  it('finds operators, and users that were not removed', async () => {
    expect(namesOf(await find(bench, 'user', 'z')).sort()).toEqual(['zoe@example.ch', 'zora@example.ch'])
    expect(namesOf(await find(bench, 'operator', 'An'))).toEqual(['anna'])
  })

  it('searches only the store and the operator that the line or the environment names', async () => {
    const store = openContext(bench).places.store
    expect(await find(bench, 'operator', '', {}, { store, operator: null })).toHaveLength(1)
    expect(await find(bench, 'operator', '', { KEYDESK_STORE: store })).toHaveLength(1)
    expect(await find(bench, 'operator', '', {}, { store: '/nowhere', operator: null })).toEqual([])
    expect(await find(bench, 'operator', '', { KEYDESK_OPERATOR: 'bob' })).toEqual([])
  })

  it('finds no names after lock, and none without a home directory', async () => {
    const other = await createDesk()
    expect(await find(other, 'operator', '')).toHaveLength(1)
    await expectOk(other, ['lock'])
    expect(await find(other, 'operator', '')).toEqual([])
    expect(
      await namesOfAgent(() => {
        throw new Error('no home')
      }, {})('user', '', NOBODY),
    ).toEqual([])
  })

  it('searches the only unlocked store, even if it is not at the default path', async () => {
    const other = createWorkstation()
    const store = join(other.home, 'elsewhere.keydesk')
    const typed = { input: `${PASSPHRASE}\n` }
    await expectOk(
      other,
      ['init', '--org', 'X', '--operator', 'carla', '--store', store, '--passphrase-file', '-'],
      typed,
    )
    await expectOk(other, ['unlock', '--store', store, '--passphrase-file', '-'], typed)
    expect(namesOf(await find(other, 'operator', ''))).toEqual(['carla'])
    expect((await run(other, ['operator', 'list'])).exit).toBe(0)
  })
})

it('the operation accepts only its own requests', () => {
  const request = { kind: 'device', prefix: 'z', limit: 1 }
  expect(completeNames.accepts(request)).toBe(true)
  for (const wrong of [
    null,
    'x',
    {},
    { ...request, kind: 'secret' },
    { ...request, prefix: 1 },
    { ...request, prefix: 'x'.repeat(201) },
  ])
    expect(completeNames.accepts(wrong)).toBe(false)
  for (const limit of [0, 1.5, 1_001, '1', undefined]) expect(completeNames.accepts({ ...request, limit })).toBe(false)
})
