/** Confirmation codes on the device: the reading of a typed code, and the cost of a wrong one. */
import { beforeEach, describe, expect, it } from 'vitest'
import { ALPHABET } from '../../src/crypto/spoken.ts'
import {
  answerOf,
  type Bench,
  createLocked,
  expectOk,
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

const errorOf = (err: string) => JSON.parse(err).error

describe('a code that fails its check', () => {
  it('is refused with exit 3, is not counted, and is never corrected', async () => {
    const code = answerOf(bench)
    const files = readAllFiles(bench)
    const digits = code.replaceAll('-', '')
    for (let at = 0; at < 15; at++) {
      const other = ALPHABET[(ALPHABET.indexOf(digits[at] as string) + 7) % 32] as string
      const { exit, out, err } = await run(bench, ['confirm', digits.slice(0, at) + other + digits.slice(at + 1)])
      expect([exit, out]).toEqual([3, ''])
      expect(err).toContain(`group ${Math.floor(at / 5) + 1}, symbol ${(at % 5) + 1}`)
      expect(err.replaceAll('-', '')).not.toContain(digits)
    }
    expect(readAllFiles(bench)).toEqual(files)
  })

  it('is refused with the name of its kind if it is of another kind', async () => {
    const { exit, err } = await run(bench, ['confirm', readState(bench).resetCode])
    expect([exit, err]).toEqual([3, expect.stringContaining('this is a reset code')])
    const enrol = await run(bench, ['confirm', bench.enrolmentCode, '--json'])
    expect(errorOf(enrol.err)).toMatchObject({ code: 'mistyped', exit: 3, reason: 'kind' })
  })

  it.each([
    ['AAAAA-AAAAA-AAAA', 'these are 14'],
    ['', 'these are 0'],
    ['AAAAA-AUAAA-AAAAA', 'group 2, symbol 2'],
    ['00000-00000-00000', 'a confirmation code was mistyped'],
    ['AAAAA-A?AAA-AAAA?', 'missing at group 2, symbol 2 and group 3, symbol 5'],
  ])('%j: %s', async (code, said) => {
    const { exit, err } = await run(bench, ['confirm', code])
    expect([exit, err]).toEqual([3, expect.stringContaining(said)])
  })

  it('is not the same as a right code in another spelling, which is accepted', async () => {
    const code = answerOf(bench).toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')
    await expectOk(bench, ['confirm', '-'], { input: `${code}\n` })
    expect(readState(bench).epoch).toBe(1)
    await expectOk(bench, ['confirm', ...answerOf(bench).split('-')])
    expect(readState(bench).epoch).toBe(2)
  })
})

describe('a wrong code', () => {
  it('is refused with exit 4 and counted, and from the fifth on the next try must wait', async () => {
    for (let count = 1; count <= 5; count++) {
      const { exit, err } = await run(bench, ['confirm', wrongCode(count), '--json'])
      expect([exit, errorOf(err).waitSeconds]).toEqual([4, count < 5 ? undefined : 30])
      expect(readState(bench).codeFailures).toEqual({ count, lastAtMs: bench.nowMs })
    }
    const right = answerOf(bench)
    const refused = await run(bench, ['confirm', right, '--json'])
    expect(errorOf(refused.err)).toMatchObject({ exit: 6, reason: 'too-early', waitSeconds: 30 })
    expect(readState(bench).codeFailures.count).toBe(5)
    bench.nowMs += 29_999
    expect((await run(bench, ['confirm', right])).exit).toBe(6)
    bench.nowMs += 1
    await expectOk(bench, ['confirm', right, ...withNewPassword(bench)])
    expect(readState(bench).codeFailures.count).toBe(0)
  })

  it('does not run scrypt while a wait lasts', async () => {
    writeState(bench, {
      ...readState(bench),
      codeFailures: { count: 30, lastAtMs: bench.nowMs },
      passwordFailures: { count: 30, lastAtMs: bench.nowMs },
    })
    // With logN 40 a try of the slot ends with exit 8, as in the next test. Exit 6 comes before any try.
    expect((await run(bench, ['confirm', wrongCode()], { logN: 40 })).exit).toBe(6)
    expect((await run(bench, ['open', ...withPassword(bench)], { logN: 40 })).exit).toBe(6)
  })

  it('is counted before it is tried', async () => {
    // With another work factor the slot is refused before scrypt. The counter was written before that.
    expect((await run(bench, ['confirm', wrongCode()], { logN: 11 })).exit).toBe(8)
    expect((await run(bench, ['open', ...withPassword(bench)], { logN: 11 })).exit).toBe(8)
    expect(readState(bench)).toMatchObject({ codeFailures: { count: 1 }, passwordFailures: { count: 1 } })
  })

  it('leaves the password valid, and has a counter of its own', async () => {
    for (let count = 1; count <= 5; count++) await run(bench, ['confirm', wrongCode(count)])
    await expectOk(bench, ['open', ...withPassword(bench)])
    expect(readState(bench)).toMatchObject({ codeFailures: { count: 5 }, passwordFailures: { count: 0 }, epoch: 0 })
  })

  it('is also the right code of another device, or of another epoch', async () => {
    const other = await createLocked()
    expect((await run(bench, ['confirm', answerOf(other)])).exit).toBe(4)
    expect((await run(bench, ['confirm', answerOf(bench, { ...readState(bench), epoch: 1 })])).exit).toBe(4)
  })
})

describe('the command line', () => {
  it('is refused with the name of the missing option or argument', async () => {
    const { main } = await import('../../src/program/keydesk-device.ts')
    const { fakeContext } = await import('../fake-context.ts')
    const context = fakeContext({ home: bench.home })
    expect(await main(['status'], context)).toBe(2)
    expect(context.stderr()).toContain('--state')
    expect((await run(bench, ['confirm'])).err).toContain('CODE')
    expect((await run(bench, ['nonsense'])).exit).toBe(2)
    expect((await run(bench, ['--help'])).out).toContain('keydesk-device')
  })
})
