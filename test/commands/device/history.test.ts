/**
 * Guards the history of a device: who did what, by the entries of the audit log, and no further back than is promised.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import { LOOKED_BACK, tellStory } from '../../../src/desk/device/history.ts'
import type { AuditEntry } from '../../../src/desk/records/index.ts'
import { displayWidth } from '../../../src/term/width.ts'
import { type Bench, createDesk, expectOk, invitePhone, type Phone, readJson, run } from '../bench.ts'

type DeviceHistory = {
  readonly state: string
  readonly confirmedBy: string | null
  readonly blockedBy: string | null
  readonly pins: readonly object[]
  readonly lastOutcome: { readonly result: string } | null
  readonly recent: readonly { readonly action: string; readonly outcome: string }[]
  readonly entriesAbout: number
  readonly lookedBack: number | null
}

let bench: Bench
let phone: Phone
beforeEach(async () => {
  bench = await createDesk()
  phone = await invitePhone(bench)
})
const show = () => readJson<DeviceHistory>(bench, ['device', 'show', phone.deviceId])

describe('device show', () => {
  it('names the last outcome, the operator who confirmed and, while the device is blocked, the one who blocked it', async () => {
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'])
    await expectOk(bench, ['reset', 'outcome', phone.deviceId, '--aborted'])
    await expectOk(bench, ['device', 'block', phone.deviceId, '--reason', 'stolen'])
    await run(bench, ['reset', 'confirm', phone.resetCode(1), '--verified-by', 'callback'])
    const told = await show()
    expect(told).toMatchObject({ confirmedBy: 'anna', blockedBy: 'anna', lastOutcome: { result: 'aborted' } })
    expect(told.recent.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      'device.invite ok',
      'reset.confirm ok',
      'reset.outcome ok',
      'device.block ok',
      'reset.confirm blocked',
    ])
    await expectOk(bench, ['device', 'unblock', phone.deviceId])
    expect(await show()).toMatchObject({ state: 'active', blockedBy: null, entriesAbout: 6, lookedBack: null })
  })

  it('contains nothing of another device', async () => {
    const other = await invitePhone(bench, 'max@example.ch')
    await expectOk(bench, ['reset', 'outcome', other.deviceId, '--opened'])
    expect(await show()).toMatchObject({ lastOutcome: null, entriesAbout: 1 })
  })

  it('looks at the newest 2000 entries and no further, and says so', async () => {
    await expectOk(bench, ['reset', 'confirm', phone.resetCode(), '--verified-by', 'callback'])
    await expectOk(bench, ['reset', 'outcome', phone.deviceId, '--opened'])
    const other = await invitePhone(bench, 'max@example.ch')
    const input = `${other.resetCode()}\n`.repeat(LOOKED_BACK - 2)
    await expectOk(bench, ['reset', 'confirm', '--batch', '-', '--verified-by', 'callback'], { input })
    // The outcome is now the oldest entry that is looked at.
    expect(await show()).toMatchObject({ lastOutcome: { result: 'opened' }, entriesAbout: 1, lookedBack: LOOKED_BACK })
    await expectOk(bench, ['reset', 'outcome', other.deviceId, '--opened'])
    expect(await show()).toMatchObject({ lastOutcome: null, entriesAbout: 0, recent: [], confirmedBy: 'anna' })
    const out = await expectOk(bench, ['device', 'show', phone.deviceId])
    expect(out).toContain('Last call   nothing among the newest 2000 entries of the record\n')
    expect(out).toMatch(
      /Record {6}0 entries about it among the newest 2000 .*; all: keydesk audit list --device \w{5}\n/,
    )
  })

  it('fits the terminal, and loses no word of a long reason', async () => {
    const reason = Array.from({ length: 28 }, (_, i) => `word${i}`).join(' ')
    await expectOk(bench, ['device', 'block', phone.deviceId, '--reason', reason])
    const options = { terminal: true, env: { NO_COLOR: '1' }, columns: 80 }
    const lines = (await expectOk(bench, ['device', 'show', phone.deviceId], options)).trimEnd().split('\n')
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(80)
    const state = lines.slice(lines.findIndex((line) => line.startsWith('State')))
    expect(state.map((line) => line.trim()).join(' ')).toContain(reason)
  })
})

describe('the history of a device', () => {
  const entry = (action: string, outcome = 'ok', operator = 'anna'): AuditEntry => ({
    ...{ seq: 1, at: 0, operator, action, outcome },
    ...{ subject: { kind: 'device', id: 'ab', name: 'phone', user: 'zoe' }, details: {} },
  })

  it('names the entry of a block unless the device was unblocked since, and ignores refused actions', () => {
    const block = entry('device.block', 'ok', 'bob')
    expect(tellStory([block, entry('device.unblock', 'needs-admin')], true).block).toBe(block)
    expect(tellStory([block, entry('device.unblock')], true).block).toBeNull()
    expect(tellStory([entry('device.block', 'needs-helpdesk')], true).block).toBeNull()
    expect(tellStory([entry('reset.outcome', 'needs-helpdesk')], true).outcome).toBeNull()
  })
})
