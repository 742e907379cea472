/** Two processes on one device: no update is lost, none is made on an outdated state, and no process waits forever. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { type App, confirmReset, finishReset, openStorage, readStatus } from '../../src/device/index.ts'
import { KeydeskError } from '../../src/errors.ts'
import { fakeContext } from '../fake-context.ts'
import {
  answerOf,
  type Bench,
  createLocked,
  expectOk,
  NEW_PASSWORD,
  readState,
  withNewPassword,
  withPassword,
} from './bench.ts'
import { startDevice } from './process.ts'

const appOf = (bench: Bench, lockWaitMs: number): App => ({
  storage: openStorage(bench.directory, { uid: process.getuid?.() ?? null, lockWaitMs }),
  world: fakeContext({ home: bench.home }),
})

describe('two processes', () => {
  it('lose no setting that they write at the same time', async () => {
    const bench = await createLocked()
    await expectOk(bench, ['open', ...withPassword(bench)])
    const keys = Array.from({ length: 6 }, (_, i) => `key${i}`)
    const ends = await Promise.all(keys.map((key) => startDevice(bench, ['put', key, 'value']).ended))
    expect(ends.map(({ code }) => code)).toEqual(keys.map(() => 0))
    expect(await expectOk(bench, ['list'])).toBe([...keys, 'mail.server', ''].join('\n'))
  })

  it('accept a code only once', async () => {
    const bench = await createLocked()
    const argv = ['confirm', answerOf(bench), ...withNewPassword(bench)]
    const ends = await Promise.all([1, 2, 3].map(() => startDevice(bench, argv).ended))
    expect(ends.map(({ code }) => code).sort()).toEqual([0, 4, 4])
    expect(readState(bench).epoch).toBe(1)
  })

  it('wait for each other no longer than the given time', async () => {
    const bench = await createLocked()
    const holder = new DatabaseSync(join(bench.directory, 'lock.db'))
    holder.exec('BEGIN EXCLUSIVE')
    expect(() => readStatus(appOf(bench, 30))).toThrow(
      expect.objectContaining({ refusal: expect.objectContaining({ kind: 'busy' }) }),
    )
    holder.close()
    expect(readStatus(appOf(bench, 30)).locked).toBe(true)
  })
})

describe('a reset that another process has overtaken', () => {
  it('sets no password', async () => {
    const bench = await createLocked()
    const app = appOf(bench, 1000)
    const accepted = confirmReset(app, answerOf(bench))
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
    const late = () => finishReset(app, accepted, 'too late for this one')
    expect(late).toThrow(KeydeskError)
    expect(late).toThrow('another process changed this device')
    await expectOk(bench, ['open', ...withPassword(bench, NEW_PASSWORD)])
  })
})
