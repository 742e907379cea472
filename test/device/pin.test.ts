/** The PIN way of the device: the PIN that opens it, the failures that close it, and the reason of each refusal. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { App } from '../../src/device/app.ts'
import { acceptPinOf } from '../../src/device/pin.ts'
import { openStorage } from '../../src/device/storage.ts'
import { KeydeskError } from '../../src/errors.ts'
import { seededNumbers } from '../acceptance/numbers.ts'
import { isLong, report } from '../torture/campaign.ts'
import {
  answerOf,
  type Bench,
  createBench,
  createLocked,
  enrolArguments,
  expectOk,
  NEW_PASSWORD,
  pinOf,
  readAllFiles,
  readJson,
  readState,
  run,
  USER,
  withNewPassword,
  withPassword,
} from './bench.ts'
import { unsyncedFiles } from './power.ts'

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const GUESSES = isLong ? 100_000 : 5_000
let bench: Bench
beforeEach(async () => {
  bench = await createLocked({ pinAllowed: true, logN: 3 })
})

const enter = (pin: string, user = USER, device = bench) =>
  run(device, ['pin', user, pin, ...withNewPassword(device), '--json'])
async function reasonOf(pin: string, user = USER): Promise<[number, string]> {
  const { exit, err } = await enter(pin, user)
  return [exit, exit === 0 ? 'ok' : (JSON.parse(err) as { error: { reason: string } }).error.reason]
}
/** A wrong PIN of this minute: only its first four digits are right. */
const wrongPin = (seed = 1): string => {
  const pin = pinOf(bench)
  return pin.slice(0, 4) + String((Number(pin.slice(4)) + seed) % 1_000_000).padStart(6, '0')
}

describe('the right PIN', () => {
  it('rotates the epoch, ends the old password, demands a new one, and keeps the settings', async () => {
    expect(JSON.parse(await expectOk(bench, ['pin', USER, pinOf(bench), '--json']))).toMatchObject({
      accepted: true,
      opened: false,
      epoch: 1,
    })
    expect(await readJson(bench, ['status'])).toMatchObject({ locked: true, passwordSet: false })
    bench.nowMs += MINUTE
    expect(JSON.parse((await enter(pinOf(bench))).out)).toMatchObject({ accepted: true, opened: true, epoch: 2 })
    expect(await expectOk(bench, ['get', 'mail.server'])).toBe('imap.example.ch\n')
    await expectOk(bench, ['lock'])
    expect((await run(bench, ['open', ...withPassword(bench)])).exit).toBe(5)
    await expectOk(bench, ['open', ...withPassword(bench, NEW_PASSWORD)])
  })

  it.each([
    ['in two groups', (pin: string) => [pin.slice(0, 5), pin.slice(5)]],
    ['with a hyphen', (pin: string) => [`${pin.slice(0, 5)}-${pin.slice(5)}`]],
  ])('is accepted %s', async (_, spell) => {
    await expectOk(bench, ['pin', USER, ...spell(pinOf(bench)), ...withNewPassword(bench)])
  })

  it('is read from stdin, and from a prompt', async () => {
    await expectOk(bench, ['pin', USER, '-', ...withNewPassword(bench)], { input: `${pinOf(bench)}\n` })
    bench.nowMs += MINUTE
    const { exit, questions } = await run(bench, ['pin', USER], {
      terminal: true,
      answers: [pinOf(bench), NEW_PASSWORD, NEW_PASSWORD],
    })
    expect([exit, questions]).toEqual([0, ['One-time PIN', 'New app password', 'The same again']])
  })

  it.each(['  ZOË@EXAMPLE.CH', 'ZOE\u0308@example.ch', 'zoe\u0308@Example.CH ', 'zoë@example.ch'])(
    'is accepted for the user in the spelling %j',
    async (user) => expect(await reasonOf(pinOf(bench), user)).toEqual([0, 'ok']),
  )
})

describe('a refusal', () => {
  it('has its own reason, and only a wrong PIN is counted', async () => {
    const cases: [string, string, number, string][] = [
      [pinOf(bench, bench.nowMs - 1441 * MINUTE), USER, 4, 'pin-expired'],
      [pinOf(bench, bench.nowMs + 6 * MINUTE), USER, 4, 'pin-expired'],
      ['123', USER, 3, 'not-a-pin'],
      [pinOf(bench), ' ', 2, 'bad-name'],
      [pinOf(bench), 'x'.repeat(70_000), 2, 'bad-name'],
    ]
    for (const [pin, user, exit, reason] of cases) expect(await reasonOf(pin, user)).toEqual([exit, reason])
    expect(readState(bench).pin.wrong).toBe(0)
    expect(await reasonOf(wrongPin())).toEqual([4, 'pin-wrong'])
    expect(await reasonOf(pinOf(bench), 'max@example.ch')).toEqual([4, 'pin-wrong'])
    expect(readState(bench).pin.wrong).toBe(2)
  })

  it('tells a used PIN from a replaced one', async () => {
    const [first, second] = [pinOf(bench), pinOf(bench, bench.nowMs + MINUTE)]
    expect(await reasonOf(second)).toEqual([0, 'ok'])
    expect(await reasonOf(second)).toEqual([4, 'pin-used'])
    expect(await reasonOf(first)).toEqual([4, 'pin-replaced'])
    expect(readState(bench).pin.wrong).toBe(0)
  })

  it('contains no secret digits of the PIN', async () => {
    for (const pin of [wrongPin(), pinOf(bench, bench.nowMs - DAY - MINUTE)]) {
      const { err } = await enter(pin)
      expect(err).not.toContain(pin.slice(4))
      expect(err).not.toContain(pinOf(bench).slice(4))
    }
  })
})

describe('five wrong PINs', () => {
  async function close(): Promise<void> {
    for (let i = 1; i <= 5; i++) expect(await reasonOf(wrongPin(i))).toEqual([4, 'pin-wrong'])
  }

  it('close the way even for the right PIN, until a full exchange', async () => {
    await close()
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'pin-closed'])
    await expectOk(bench, ['open', ...withPassword(bench)])
    await expectOk(bench, ['passwd', ...withPassword(bench), ...withNewPassword(bench)])
    bench.nowMs += 2 * DAY
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'pin-closed'])
    // Half an exchange is not enough: the code was right, but no new password was set.
    await expectOk(bench, ['confirm', answerOf(bench)])
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'pin-closed'])
    expect(await readJson(bench, ['status'])).toMatchObject({ pinFailures: 5, pinClosed: true })
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
    expect(await reasonOf(pinOf(bench))).toEqual([0, 'ok'])
  })

  it('are counted in total: a used PIN in between does not reset the count', async () => {
    await expectOk(bench, ['pin', USER, pinOf(bench), ...withNewPassword(bench)])
    for (let i = 1; i <= 4; i++) await enter(wrongPin(i))
    expect(await reasonOf(pinOf(bench))).toEqual([4, 'pin-used'])
    expect(readState(bench).pin.wrong).toBe(4)
    expect(await reasonOf(wrongPin(9))).toEqual([4, 'pin-wrong'])
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'pin-closed'])
  })

  it(`stop ${GUESSES} random PINs: none opens the app, and after five all are refused`, { timeout: 1_800_000 }, () => {
    const app: App = {
      storage: openStorage(bench.directory, { uid: process.getuid?.() ?? null, files: unsyncedFiles }),
      world: { clock: () => bench.nowMs, random: (count) => new Uint8Array(count), logN: 3 },
    }
    const next = seededNumbers('guesses')
    const tally: Record<string, number> = {}
    for (let i = 0; i < GUESSES; i++) {
      // Every second guess is the best one possible: the minute is right, and the rest is random.
      const minute = i % 2 === 0 ? pinOf(bench).slice(0, 4) : String(next(10_000)).padStart(4, '0')
      const pin = minute + String(next(1_000_000)).padStart(6, '0')
      let reason = 'opened'
      try {
        acceptPinOf(app, USER, pin)
      } catch (error) {
        if (!(error instanceof KeydeskError)) throw error
        reason = error.refusal.reason
      }
      tally[reason] = (tally[reason] ?? 0) + 1
    }
    report('pins', { guesses: GUESSES, ...tally })
    expect(tally).toEqual({
      'pin-wrong': 5,
      'pin-closed': expect.any(Number),
      ...(tally['pin-expired'] && { 'pin-expired': expect.any(Number) }),
    })
    expect(readState(bench)).toMatchObject({ epoch: 0, pin: { wrong: 5 } })
  })
})

describe('the clock', () => {
  it('set back does not make an expired PIN valid, once any command has seen the later time', async () => {
    const pin = pinOf(bench)
    bench.nowMs += DAY + MINUTE
    await expectOk(bench, ['status'])
    bench.nowMs -= DAY
    expect(await reasonOf(pin)).toEqual([6, 'clock-back'])
    expect(readState(bench).pin.wrong).toBe(0)
  })

  it('may go back five minutes, but not six, and not six in two steps', async () => {
    await expectOk(bench, ['status'])
    bench.nowMs -= 5 * MINUTE
    expect(await reasonOf(wrongPin())).toEqual([4, 'pin-wrong'])
    bench.nowMs -= MINUTE
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'clock-back'])
  })

  it('may not go back five minutes at each PIN: only a full exchange resets the latest time', async () => {
    await expectOk(bench, ['status'])
    bench.nowMs -= 5 * MINUTE
    expect(await reasonOf(pinOf(bench))).toEqual([0, 'ok'])
    bench.nowMs -= 5 * MINUTE
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'clock-back'])
  })

  it('that once ran ahead closes the way until a full exchange', async () => {
    bench.nowMs += 400 * DAY
    await expectOk(bench, ['status'])
    bench.nowMs -= 400 * DAY
    expect(await reasonOf(pinOf(bench))).toEqual([6, 'clock-back'])
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
    expect(await reasonOf(pinOf(bench))).toEqual([0, 'ok'])
  })
})

describe('without the flag', () => {
  it('there is no PIN way at all: no key, no file and no counted try', async () => {
    const plain = await createLocked({ logN: 3 })
    expect([...readAllFiles(plain).keys()]).not.toContain('keystore')
    const before = readAllFiles(plain)
    const { exit, err } = await enter(pinOf(plain), USER, plain)
    expect([exit, err]).toEqual([6, expect.stringContaining('no-pin-way')])
    expect(readAllFiles(plain)).toEqual(before)
    expect(await readJson(plain, ['status'])).toMatchObject({ pinAllowed: false, pinFailures: 0, pinClosed: false })
  })

  it('a keystore that another enrolment left behind is deleted', async () => {
    const plain = createBench({ logN: 3 })
    mkdirSync(plain.directory, { mode: 0o700 })
    writeFileSync(join(plain.directory, 'keystore'), 'left behind', { mode: 0o600 })
    await expectOk(plain, enrolArguments(plain))
    expect(existsSync(join(plain.directory, 'keystore'))).toBe(false)
  })
})

describe('the keystore', () => {
  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['cut short', (path: string) => writeFileSync(path, '# This file', { mode: 0o600 })],
  ])('%s is reported as damaged, costs no try, and leaves the reset exchange possible', async (_, harm) => {
    harm(join(bench.directory, 'keystore'))
    expect(await reasonOf(pinOf(bench))).toEqual([8, 'damaged'])
    expect(readState(bench).pin.wrong).toBe(0)
    await expectOk(bench, ['confirm', answerOf(bench), ...withNewPassword(bench)])
  })
})
