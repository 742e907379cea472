/** A device that is damaged or missing: the two are told apart, no code is spent, and no file is created. */
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

describe('a damaged device', () => {
  it.each(['device.json', 'settings.sealed'])('is refused with exit 8: %s', async (name) => {
    const file = join(bench.directory, name)
    const bytes = readAllFiles(bench).get(name) as Buffer
    bytes[40] = (bytes[40] as number) ^ 1
    writeFileSync(file, bytes)
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(8)
    expect((await run(bench, ['get', 'mail.server', ...withPassword(bench)])).exit).toBe(8)
  })

  it('keeps its code if its settings do not open under that code', async () => {
    const code = answerOf(bench)
    const before = readState(bench)
    writeFileSync(join(bench.directory, 'settings.sealed'), new Uint8Array(80))
    expect((await run(bench, ['confirm', code, ...withNewPassword(bench)])).exit).toBe(8)
    expect(readState(bench)).toEqual({ ...before, codeFailures: { count: 1, lastAtMs: bench.nowMs } })
  })

  it('is refused with exit 8 if its settings are missing', async () => {
    rmSync(join(bench.directory, 'settings.sealed'))
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(8)
    expect(readState(bench).passwordFailures.count).toBe(1)
  })

  it.each(['passwordSlot', 'recoverySlot'] as const)(
    'is refused with exit 8 if its %s has a changed header or box',
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

  it('is refused with exit 8 if its lock file is no SQLite file, with the command that fixes it', async () => {
    writeFileSync(join(bench.directory, 'lock.db'), 'this is not SQLite, and not empty')
    const { exit, err } = await run(bench, ['status'])
    expect([exit, err]).toEqual([8, expect.stringContaining('rm ')])
  })
})

describe('a missing device', () => {
  it('is refused with exit 7, and no file is created', async () => {
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
