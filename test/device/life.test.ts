/** The life of a device from its enrolment on: resets, new passwords, rotation of the epoch, and the last epoch. */
import { beforeEach, describe, expect, it } from 'vitest'
import { deriveDeskWords, deriveResetCode } from '../../src/crypto/index.ts'
import { decodeInvitation } from '../../src/crypto/invitation.ts'
import { LAST_EPOCH } from '../../src/crypto/keys.ts'
import { issueCodes, tryPasswordSlot } from '../../src/device/lock.ts'
import {
  answerOf,
  type Bench,
  createBench,
  createLocked,
  enrolArguments,
  expectOk,
  LOG_N,
  NEW_PASSWORD,
  PASSWORD,
  readJson,
  readState,
  run,
  withNewPassword,
  withPassword,
  writeState,
} from './bench.ts'

let bench: Bench
beforeEach(async () => {
  bench = await createLocked()
})

describe('a life', () => {
  it('goes from the invitation through a reset to the same settings', async () => {
    const fresh = createBench({ pinAllowed: true })
    const { tag } = decodeInvitation(fresh.invitation) as { tag: number }
    const enrolled = await readJson(fresh, enrolArguments(fresh))
    expect(enrolled).toMatchObject({
      tag,
      organisation: 'Röntgen AG',
      user: 'zoë@example.ch',
      epoch: 0,
      pinAllowed: true,
      locked: false,
    })
    await expectOk(fresh, ['put', 'mail.server', 'imap.example.ch'])
    expect(await expectOk(fresh, ['get', 'mail.server'])).toBe('imap.example.ch\n')
    await expectOk(fresh, ['lock'])
    const state = readState(fresh)
    const { resetCode, deskWords } = await readJson(fresh, ['forgot'])
    expect(resetCode).toBe(deriveResetCode(fresh.secret, state))
    expect(deskWords).toEqual(deriveDeskWords(fresh.secret, state))
    expect(await expectOk(fresh, ['forgot'])).toBe(`${resetCode}\n`)
    expect(await readJson(fresh, ['confirm', answerOf(fresh), ...withNewPassword(fresh)])).toMatchObject({
      accepted: true,
      opened: true,
      epoch: 1,
    })
    expect(await expectOk(fresh, ['get', 'mail.server'])).toBe('imap.example.ch\n')
    await expectOk(fresh, ['lock'])
    expect((await run(fresh, ['open', ...withPassword(fresh)])).exit).toBe(5)
    await expectOk(fresh, ['open', ...withPassword(fresh, NEW_PASSWORD)])
    expect(await readJson(fresh, ['status'])).toMatchObject({
      epoch: 1,
      locked: false,
      passwordSet: true,
      resetShown: false,
      settings: 1,
      pinAllowed: true,
    })
  })

  it('stays locked if the user stops at the new password, and the exchange must be done again', async () => {
    const old = answerOf(bench)
    const stopped = await readJson(bench, ['confirm', old])
    const state = readState(bench)
    expect(stopped).toMatchObject({
      accepted: true,
      opened: false,
      epoch: 1,
      resetCode: deriveResetCode(bench.secret, state),
      deskWords: deriveDeskWords(bench.secret, state),
    })
    expect(state).toMatchObject({ epoch: 1, passwordSlot: null, resetShown: true })
    expect(await readJson(bench, ['status'])).toMatchObject({ locked: true, passwordSet: false })
    for (const command of [['open'], ['get', 'mail.server'], ['passwd', ...withNewPassword(bench)]]) {
      const { exit, err } = await run(bench, [...command, ...withPassword(bench)])
      expect([exit, err]).toEqual([5, expect.stringContaining('no new one was set')])
    }
    expect((await run(bench, ['confirm', old])).exit).toBe(4)
    expect(await readJson(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])).toMatchObject({
      opened: true,
      epoch: 2,
    })
    expect(await expectOk(bench, ['get', 'mail.server'])).toBe('imap.example.ch\n')
  })

  it('resets only the counter of passwords at a right password, and that of codes at a right code', async () => {
    writeState(bench, {
      ...readState(bench),
      passwordFailures: { count: 2, lastAtMs: 1 },
      codeFailures: { count: 3, lastAtMs: 1 },
    })
    await expectOk(bench, ['open', ...withPassword(bench)])
    expect(readState(bench)).toMatchObject({ passwordFailures: { count: 0 }, codeFailures: { count: 3 } })
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
    expect(readState(bench)).toMatchObject({ passwordFailures: { count: 0 }, codeFailures: { count: 0 } })
  })
})

describe('the reset code', () => {
  it.each([
    ['open', () => []],
    ['get', () => ['mail.server']],
    ['list', () => []],
    ['put', () => ['a', 'b']],
    ['passwd', (b: Bench) => withNewPassword(b)],
  ])('that was shown is replaced when the password is used in %s', async (command, more) => {
    const { resetCode } = await readJson(bench, ['forgot'])
    const old = answerOf(bench)
    expect(readState(bench).resetShown).toBe(true)
    await expectOk(bench, [command, ...more(bench), ...withPassword(bench)])
    expect(readState(bench)).toMatchObject({
      epoch: 1,
      resetShown: false,
      resetCode: deriveResetCode(bench.secret, readState(bench)),
    })
    expect(readState(bench).resetCode).not.toBe(resetCode)
    await expectOk(bench, ['lock'])
    expect((await run(bench, ['confirm', old])).exit).toBe(4)
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
  })

  it('that was not shown stays', async () => {
    const before = readState(bench)
    expect(await readJson(bench, ['open', ...withPassword(bench)])).toEqual({ opened: true, epoch: 0, rotated: false })
    expect(readState(bench)).toEqual(before)
  })

  it('locks an open app when its confirmation code is entered', async () => {
    await expectOk(bench, ['open', ...withPassword(bench)])
    await expectOk(bench, ['confirm', answerOf(bench)])
    expect(await readJson(bench, ['status'])).toMatchObject({ locked: true, settings: null })
  })
})

describe('the last epoch', () => {
  beforeEach(() => {
    const state = { ...readState(bench), epoch: LAST_EPOCH }
    const opened = tryPasswordSlot(PASSWORD, state.passwordSlot as Uint8Array, state, LOG_N)
    if (!opened.ok) throw new Error('the password does not open')
    writeState(bench, {
      ...state,
      ...issueCodes({ dbk: opened.payload, secret: bench.secret }, state, { salt: new Uint8Array(16), logN: LOG_N }),
    })
  })

  it('does not rotate: a confirmation code deletes the password slot and stays valid', async () => {
    const before = readState(bench)
    expect(await readJson(bench, ['forgot'])).toMatchObject({ resetCode: before.resetCode, enrolAnew: true })
    expect((await run(bench, ['forgot'])).err).toContain('enrol it anew')
    expect(await readJson(bench, ['confirm', answerOf(bench)])).toMatchObject({
      opened: false,
      epoch: LAST_EPOCH,
      resetCode: before.resetCode,
      enrolAnew: true,
    })
    expect(readState(bench)).toEqual({ ...before, passwordSlot: null, resetShown: true })
    expect(await readJson(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])).toMatchObject({
      opened: true,
      enrolAnew: true,
    })
    expect(await expectOk(bench, ['get', 'mail.server'])).toBe('imap.example.ch\n')
    expect(await readJson(bench, ['status'])).toMatchObject({ epoch: LAST_EPOCH, enrolAnew: true })
    expect(await expectOk(bench, ['status'])).toContain('32767, the last one')
  })

  it('does not rotate when the password is used either', async () => {
    await expectOk(bench, ['forgot'])
    expect(await readJson(bench, ['open', ...withPassword(bench)])).toMatchObject({ epoch: LAST_EPOCH, rotated: false })
  })
})
