/** Guards a device that is damaged, or not there: each is told apart, and nothing is spent or made. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  answerOf,
  type Bench,
  createLocked,
  readAllFiles,
  readState,
  run,
  withNewPassword,
  withPassword,
  writeState,
  wrongCode,
} from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createLocked()
})

describe('what is damaged', () => {
  it.each(['device.json', 'settings.sealed'])('is refused with exit 8: %s', async (name) => {
    const file = join(bench.directory, name)
    const bytes = readAllFiles(bench).get(name) as Buffer
    bytes[40] = (bytes[40] as number) ^ 1
    writeFileSync(file, bytes)
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(8)
    expect((await run(bench, ['get', 'mail.server', ...withPassword(bench)])).exit).toBe(8)
  })

  it('is a settings database under a right code: nothing is spent', async () => {
    const code = answerOf(bench)
    const before = readState(bench)
    writeFileSync(join(bench.directory, 'settings.sealed'), new Uint8Array(80))
    expect((await run(bench, ['confirm', code, ...withNewPassword(bench)])).exit).toBe(8)
    expect(readState(bench)).toEqual({ ...before, codeFailures: { count: 1, lastAtMs: bench.nowMs } })
  })

  it('is a device without its settings', async () => {
    rmSync(join(bench.directory, 'settings.sealed'))
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(8)
    expect(readState(bench).passwordFailures.count).toBe(1)
  })

  it.each(['passwordSlot', 'recoverySlot'] as const)(
    'is a %s whose box does not open, or whose header is not ours',
    async (slot) => {
      const state = readState(bench)
      for (const at of [0, 1, 2, 98]) {
        const bytes = Uint8Array.from(state[slot] as Uint8Array)
        bytes[at] = (bytes[at] as number) ^ 1
        writeState(bench, { ...state, [slot]: bytes })
        const argv = slot === 'passwordSlot' ? ['open', ...withPassword(bench)] : ['confirm', answerOf(bench, state)]
        expect((await run(bench, argv)).exit, `byte ${at}`).toBe(8)
      }
    },
  )

  it('is a lock that is no lock', async () => {
    writeFileSync(join(bench.directory, 'lock.db'), 'this is not SQLite, and not empty')
    const { exit, err } = await run(bench, ['status'])
    expect([exit, err]).toEqual([8, expect.stringContaining('rm ')])
  })
})

describe('what is not there', () => {
  it('is exit 7, and nothing is made', async () => {
    const nowhere = { ...bench, directory: join(bench.home, 'nowhere') }
    for (const argv of [
      ['status'],
      ['open', ...withPassword(bench)],
      ['lock'],
      ['forgot'],
      ['confirm', wrongCode()],
      ['list'],
    ]) {
      expect((await run(nowhere, argv)).exit).toBe(7)
    }
    expect((await run({ ...bench, directory: bench.home }, ['status'])).exit).toBe(7)
    expect(existsSync(join(bench.home, 'lock.db')) || existsSync(nowhere.directory)).toBe(false)
  })
})
