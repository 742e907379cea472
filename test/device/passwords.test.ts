/** The app password: the cost of a wrong one, the rules for a new one, and waits while the clock is set back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  answerOf,
  type Bench,
  createLocked,
  expectOk,
  NEW_PASSWORD,
  readJson,
  readState,
  run,
  withNewPassword,
  withPassword,
} from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createLocked()
})

const openWrongly = () => run(bench, ['open', ...withPassword(bench, 'not the password')])
const errorOf = (err: string) => JSON.parse(err).error

describe('a wrong password', () => {
  it('is refused with exit 5 and counted, and makes the next try wait; the right one clears the count', async () => {
    for (let count = 1; count <= 5; count++) expect((await openWrongly()).exit).toBe(5)
    expect(errorOf((await run(bench, ['open', '--json', ...withPassword(bench)])).err)).toMatchObject({
      exit: 6,
      waitSeconds: 30,
    })
    bench.nowMs += 30_000
    expect((await openWrongly()).exit).toBe(5)
    bench.nowMs += 59_000
    expect((await run(bench, ['get', 'mail.server', ...withPassword(bench)])).exit).toBe(6)
    bench.nowMs += 1000
    await expectOk(bench, ['open', ...withPassword(bench)])
    expect(readState(bench).passwordFailures.count).toBe(0)
  })

  it('is followed by no question for a password while a wait lasts', async () => {
    for (let count = 1; count <= 5; count++) await openWrongly()
    const { exit, questions } = await run(bench, ['open'], { terminal: true })
    expect([exit, questions]).toEqual([6, []])
  })

  it('is a password in another case, but not one in another normal form', async () => {
    await expectOk(bench, ['passwd', ...withPassword(bench), ...withNewPassword(bench, 'Cafe\u0301 de nuit')])
    expect((await run(bench, ['open', ...withPassword(bench, 'caf\u00e9 de nuit')])).exit).toBe(5)
    expect((await run(bench, ['open', ...withPassword(bench, 'Caf\u00e9 de nuit')])).exit).toBe(0)
  })
})

describe('the clock', () => {
  beforeEach(async () => {
    for (let count = 1; count <= 9; count++) {
      await openWrongly()
      bench.nowMs += 3_600_000
    }
    bench.nowMs -= 3_600_000
  })

  it('set back does not clear a wait, and does not lengthen it', async () => {
    bench.nowMs -= 10 * 86_400_000
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(6)
    bench.nowMs += 479_000
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(6)
    bench.nowMs += 1000
    await expectOk(bench, ['open', ...withPassword(bench)])
  })

  it('set back is noticed by the first command that runs', async () => {
    bench.nowMs -= 10 * 86_400_000
    expect(await readJson(bench, ['status'])).toMatchObject({ passwordFailures: 9, passwordWaitSeconds: 480 })
    bench.nowMs += 480_000
    await expectOk(bench, ['open', ...withPassword(bench)])
  })
})

describe('a weak new password', () => {
  it('is refused before the code is tried', async () => {
    const before = readState(bench)
    const { exit, err } = await run(bench, ['confirm', answerOf(bench), ...withNewPassword(bench, 'zoë@example.ch')])
    expect([exit, err]).toEqual([2, expect.stringContaining('not the name of the user')])
    expect(readState(bench)).toEqual(before)
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
  })

  it('is also one that is not UTF-8', async () => {
    writeFileSync(join(bench.home, 'latin1'), Uint8Array.of(0x70, 0xe4, 0x73, 0x73, 0x77, 0x6f, 0x72, 0x74, 0x31))
    const { exit, err } = await run(bench, [
      'confirm',
      answerOf(bench),
      '--new-password-file',
      join(bench.home, 'latin1'),
    ])
    expect([exit, err]).toEqual([2, expect.stringContaining('not UTF-8')])
    expect(readState(bench).epoch).toBe(0)
  })
})

describe('passwd', () => {
  it('changes the password if the old one is right', async () => {
    expect(await readJson(bench, ['passwd', ...withPassword(bench), ...withNewPassword(bench)])).toEqual({
      changed: true,
      epoch: 0,
      rotated: false,
    })
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(5)
    await expectOk(bench, ['open', ...withPassword(bench, NEW_PASSWORD)])
  })

  it('needs the old password even if the app is open', async () => {
    await expectOk(bench, ['open', ...withPassword(bench)])
    const { exit, err } = await run(bench, ['passwd', ...withNewPassword(bench)])
    expect([exit, err]).toEqual([2, expect.stringContaining('--password-file')])
  })

  it('checks the new password before it tries the old one', async () => {
    const { exit } = await run(bench, [
      'passwd',
      ...withPassword(bench, 'not the password'),
      ...withNewPassword(bench, 'short'),
    ])
    expect(exit).toBe(2)
    expect(readState(bench).passwordFailures.count).toBe(0)
  })
})
