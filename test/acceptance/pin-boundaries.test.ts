/**
 * Guards the PIN rules of desk and device against a model of §8 that shares no line with them. It draws 2,000 cases
 * around these boundaries:
 * - minute 0 and minute 1,440, a second to each side;
 * - clocks that are five minutes apart or ran back;
 * - the wrap after 10,000 minutes;
 * - the nights when summer time begins and ends;
 * - a user in four spellings.
 */
import { createHmac } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decideRedeem } from '../../src/desk/pin/decide.ts'
import { type Device, NO_PIN, type PinState } from '../../src/desk/records/index.ts'
import type { App } from '../../src/device/app.ts'
import { readKeystore } from '../../src/device/keystore.ts'
import { acceptPinOf } from '../../src/device/pin.ts'
import { formatState, parseState } from '../../src/device/state.ts'
import { openStorage } from '../../src/device/storage.ts'
import { KeydeskError } from '../../src/errors.ts'
import { formatLocal } from '../../src/term/time.ts'
import { ANNA, DEVICE, ID, policyOf, reasonOf, SECRET } from '../desk/fixtures.ts'
import { createLocked } from '../device/bench.ts'
import { unsyncedFiles } from '../device/power.ts'
import { seededNumbers } from './numbers.ts'

const CASES = 2000
const next = seededNumbers('pin boundaries')
const pick = <T>(list: readonly T[]): T => list[next(list.length)] as T

/**
 * Seconds since 1970: an ordinary day, two wraps of the minutes, the beginning and the end of summer time, and beyond
 * 2038.
 */
const BASES = [
  Date.UTC(2026, 2, 2, 9) / 1000,
  29_560_000 * 60,
  29_570_000 * 60,
  Date.UTC(2026, 2, 29, 1) / 1000,
  Date.UTC(2026, 9, 25, 1) / 1000,
  Date.UTC(2040, 0, 1) / 1000,
]
const SPELLINGS = ['zoë@example.ch', 'ZOE\u0308@EXAMPLE.CH', ' Zoë@Example.ch\u00a0', 'zoe\u0308@example.ch']
/**
 * Seconds from the beginning of the PIN's minute to its entry: each boundary, a second before it and a second after.
 */
const AGES = [0, 60, 300, -300, -240, 86_400, 86_460, 3600, 43_200].flatMap((age) => [age - 1, age, age + 1])
/** Seconds by which the clock is behind the latest time that was seen. */
const BEHIND = [-60, 0, 60, 240, 299, 300, 301, 359, 360, 361, 7200]
/** The minute of the last PIN that was used, relative to this one's; null for none. */
const USED = [null, -2, -1, 0, 1, 2]

type Case = {
  readonly issuedAt: number
  readonly now: number
  readonly latest: number
  readonly used: number | null
  readonly wrong: number
  readonly isRight: boolean
  readonly user: string
}

function drawCase(): Case {
  const issuedAt = pick(BASES) + pick([0, 1, 30, 59])
  const now = Math.floor(issuedAt / 60) * 60 + pick(AGES)
  const used = pick(USED)
  return {
    issuedAt,
    now,
    latest: now + (next(3) === 0 ? pick(BEHIND) : 0),
    used: used === null || next(2) === 0 ? null : Math.floor(issuedAt / 60) + used,
    wrong: pick([0, 0, 0, 4, 5]),
    isRight: next(4) !== 0,
    user: pick(SPELLINGS),
  }
}

/** The answer of §8, computed in whole minutes from its text. */
function expectedOf({ issuedAt, now, latest, used, wrong, isRight }: Case): string {
  const [m, n, seen] = [issuedAt, now, latest].map((seconds) => (seconds - (((seconds % 60) + 60) % 60)) / 60) as [
    number,
    number,
    number,
  ]
  if (wrong >= 5) return 'pin-closed'
  if (seen - n > 5) return 'clock-back'
  if (m > n + 5 || m < n - 1440) return 'pin-expired'
  if (!isRight) return 'pin-wrong'
  if (used !== null && used === m) return 'pin-used'
  if (used !== null && used > m) return 'pin-replaced'
  return 'ok'
}

function pinOf(key: Uint8Array, id: Uint8Array, audience: 1 | 2, { issuedAt, isRight }: Case): string {
  const m = Math.floor(issuedAt / 60)
  const name = Buffer.from('zoë@example.ch')
  const head = Buffer.alloc(23)
  head.writeUInt8(audience)
  Buffer.from(id).copy(head, 1)
  head.writeUInt32BE(m, 17)
  head.writeUInt16BE(name.length, 21)
  const mac = createHmac('sha256', key).update(head).update(name).digest()
  const digits = (mac.readBigUInt64BE() + (isRight ? 0n : 1n)) % 1_000_000n
  return String(m).slice(-4).padStart(4, '0') + digits.toString().padStart(6, '0')
}

const HKDF = (label: string) => {
  const prk = createHmac('sha256', ID).update(SECRET).digest()
  return createHmac('sha256', prk).update(`keydesk/v1/${label}\x01`).digest()
}

function askDesk(given: Case): string {
  const minute = Math.floor(given.issuedAt / 60)
  const { used, wrong, latest, now } = given
  // If a later PIN was used, that PIN was also the last one issued.
  const newest = used !== null && used > minute ? used : minute
  const ended = used !== null && used >= minute ? 'used' : null
  const desk: PinState = {
    ...NO_PIN,
    issued: { minute: newest, ttlMinutes: 1440, delivered: 'mail', issuedAt: 0, issuedBy: ANNA.operatorId, ended },
    lastUsedMinute: used,
    wrong,
  }
  const device: Device = { ...DEVICE, user: given.user, pins: { device: NO_PIN, desk } }
  const circumstances = { now: now * 1000, operator: ANNA, newestAt: latest * 1000 }
  return reasonOf(decideRedeem(device, SECRET, pinOf(HKDF('pin'), ID, 2, given), policyOf(), circumstances))
}

it(`desk and device agree with the model in ${CASES} cases`, async () => {
  const bench = await createLocked({ pinAllowed: true, logN: 3 })
  const path = join(bench.directory, 'device.json')
  const template = parseState(readFileSync(path))
  if (template === null) throw new Error('no state')
  const storage = openStorage(bench.directory, { uid: process.getuid?.() ?? null, files: unsyncedFiles })
  const { pinKey } = readKeystore(storage)
  const tally: Record<string, number> = {}
  for (let i = 0; i < CASES; i++) {
    const given = drawCase()
    const { used, wrong, latest, now, user } = given
    const pin = { wrong, lastUsedMinute: used, latestMinute: Math.floor(latest / 60) }
    writeFileSync(path, formatState({ ...template, pin }))
    const app: App = {
      storage,
      world: { clock: () => now * 1000, random: (count) => new Uint8Array(count).fill(i), logN: 3 },
    }
    let said = 'ok'
    try {
      acceptPinOf(app, user, pinOf(pinKey, template.id, 1, given))
    } catch (error) {
      if (!(error instanceof KeydeskError)) throw error
      said = error.refusal.reason
    }
    const expected = expectedOf(given)
    expect(said, `device, ${JSON.stringify(given)}`).toBe(expected)
    expect(askDesk(given), `desk, ${JSON.stringify(given)}`).toBe(expected)
    tally[expected] = (tally[expected] ?? 0) + 1
  }
  // Each answer must occur often enough that it is no accident.
  for (const reason of ['ok', 'pin-closed', 'clock-back', 'pin-expired', 'pin-wrong', 'pin-used', 'pin-replaced'])
    expect(tally[reason], reason).toBeGreaterThan(20)
})

it('shows the expiry in local time, also on the night when summer time ends', () => {
  const issuedAt = Date.UTC(2026, 9, 24, 12)
  expect(formatLocal(issuedAt, 'Europe/Zurich')).toBe('2026-10-24 14:00 +02:00')
  expect(formatLocal(issuedAt + 86_400_000, 'Europe/Zurich')).toBe('2026-10-25 13:00 +01:00')
})
