/** The library as an app team calls it, without a command line that checks the input first. */
import { mkdtempSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type App,
  changePassword,
  confirmReset,
  enrolDevice,
  finishReset,
  forgetPassword,
  lockApp,
  openApp,
  openInvitation,
  openStorage,
  readConfirmationCode,
  readEnrolmentCode,
  readInvitation,
  readSetting,
  readSettings,
  readStatus,
  writeSetting,
} from '../../src/device/index.ts'
import type { KeydeskError } from '../../src/errors.ts'
import { fakeContext } from '../fake-context.ts'
import { answerOf, type Bench, createBench, NEW_PASSWORD, PASSWORD, readState } from './bench.ts'

let bench: Bench
let app: App
beforeEach(() => {
  bench = createBench()
  app = appIn(bench.directory)
})

const appIn = (directory: string): App => ({
  storage: openStorage(directory, { uid: process.getuid?.() ?? null }),
  world: fakeContext({ home: bench.home }),
})

function enrol(password = PASSWORD) {
  const invitation = readInvitation(bench.invitation)
  const secret = openInvitation(readEnrolmentCode(bench.enrolmentCode), invitation, app.world)
  return enrolDevice(app, secret, invitation, password)
}

/** The reason of the refusal that the call ends in. */
function reasonOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return (error as KeydeskError).refusal.reason
  }
  return 'none'
}

describe('the library', () => {
  it('enrols, resets and opens a device', () => {
    enrol()
    writeSetting(app, 'a', 'b', null)
    lockApp(app)
    expect(reasonOf(() => readSettings(app, null))).toBe('locked')
    expect(readSetting(app, 'a', PASSWORD)).toBe('b')
    forgetPassword(app)
    const accepted = confirmReset(app, readConfirmationCode(answerOf(bench)))
    finishReset(app, accepted, NEW_PASSWORD)
    expect(readSetting(app, 'a', null)).toBe('b')
    lockApp(app)
    expect(openApp(app, NEW_PASSWORD).state.epoch).toBe(1)
    expect(readStatus(app).locked).toBe(false)
  })

  it('refuses a weak password in every function that sets one', () => {
    expect(reasonOf(() => enrol('short'))).toBe('weak-password')
    enrol()
    expect(reasonOf(() => changePassword(app, PASSWORD, 'short'))).toBe('weak-password')
    const accepted = confirmReset(app, answerOf(bench))
    expect(reasonOf(() => finishReset(app, accepted, 'short'))).toBe('weak-password')
    expect(readState(bench).passwordSlot).toBeNull()
    finishReset(app, accepted, NEW_PASSWORD)
  })

  it('tries no password if the device has none, and counts nothing', () => {
    enrol()
    confirmReset(app, answerOf(bench))
    for (const call of [() => openApp(app, PASSWORD), () => openApp(app, null), () => readSettings(app, PASSWORD)]) {
      expect(reasonOf(call)).toBe('no-password')
    }
    expect(readState(bench).passwordFailures.count).toBe(0)
  })

  it('leaves no trace of a refused enrolment', () => {
    enrol()
    const before = readState(bench)
    expect(reasonOf(() => enrol())).toBe('already-enrolled')
    expect(readState(bench)).toEqual(before)
    const empty = mkdtempSync(join(bench.home, 'empty-'))
    app = appIn(empty)
    expect(reasonOf(() => enrol('short'))).toBe('weak-password')
    expect(readdirSync(empty)).toEqual([])
  })
})
