/**
 * The decisions on PINs.
 * - One PIN is valid at a time, and it is accepted once.
 * - Five wrong PINs close the way.
 * - Setting the clock back does not make an expired PIN valid again.
 */
import { describe, expect, it } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { deriveSubkey } from '../../../src/crypto/keys.ts'
import { derivePin, minuteOf } from '../../../src/crypto/pin.ts'
import type { Decision } from '../../../src/desk/decision.ts'
import {
  decideIssue,
  decideRedeem,
  decideRevoke,
  type IssueRequest,
  type RedeemAnswer,
} from '../../../src/desk/pin/decide.ts'
import { expiresAt, listOutstanding } from '../../../src/desk/pin/state.ts'
import type { Device, User } from '../../../src/desk/records/index.ts'
import { decideConfirm } from '../../../src/desk/reset/decide.ts'
import {
  ADA,
  ANNA,
  applyTo,
  BEN,
  codeOf,
  DAY_MS,
  DEVICE,
  ID,
  NOW,
  policyOf,
  reasonOf,
  requestOf,
  SECRET,
} from '../fixtures.ts'

const MINUTE = 60_000
const POLICY = policyOf({ 'licence.web': true, 'device.ios.passcodeRequired': true, 'device.ios.allowRecovery': true })
const PHONE: Device = { ...DEVICE, registeredBy: 'pin' }
const USER: User = {
  userId: asHexId('ab'.repeat(16)),
  name: 'zoe@example.ch',
  addedAt: 0,
  roles: ['reset-secure-apps-passcode'],
  removedAt: null,
}
const at = (now: number, newestAt = now) => ({ now, operator: ANNA, newestAt })
const pinAt = (now: number, audience: 'device' | 'desk' = 'desk'): string =>
  derivePin(deriveSubkey(SECRET, ID, 'pin'), { id: ID, audience, minute: minuteOf(now), user: 'zoe@example.ch' })
const wrongAt = (now: number, seed = 1): string => {
  const right = pinAt(now)
  return right.slice(0, 4) + String((Number(right.slice(4)) + seed) % 1_000_000).padStart(6, '0')
}

function issue(device: Device, now: number, given: Partial<IssueRequest> = {}, policy = POLICY) {
  const request: IssueRequest = { audience: 'desk', ttlMinutes: null, delivered: 'mail', ...given }
  return decideIssue({ user: USER, device, secret: SECRET }, request, policy, at(now))
}
function issued(device: Device, now: number, given: Partial<IssueRequest> = {}): Device {
  const decision = issue(device, now, given)
  if ('refusal' in decision) throw new Error(decision.refusal.reason)
  return applyTo(device, decision)
}
const redeem = (device: Device, pin: string, now: number, newestAt = now, policy = POLICY): Decision<RedeemAnswer> =>
  decideRedeem(device, SECRET, pin, policy, at(now, newestAt))

describe('issuing', () => {
  it('answers with the PIN of this minute, and stores none of its secret digits', () => {
    const decision = issue(PHONE, NOW)
    if ('refusal' in decision) throw new Error('refused')
    const { pin, issued: kept, repeated } = decision.answer
    expect([pin, repeated]).toEqual([pinAt(NOW), false])
    expect(expiresAt(kept)).toBe(NOW + DAY_MS)
    expect(JSON.stringify([decision.changes, decision.entry])).not.toContain(pin.slice(4))
  })

  it('gives other digits for the device than for the desk', () => {
    const decision = issue(PHONE, NOW, { audience: 'device' })
    expect('answer' in decision && decision.answer.pin).toBe(pinAt(NOW, 'device'))
  })

  it('limits the lifetime to that of the policy and to the requested one', () => {
    const short = policyOf({ ...POLICY, 'pin.ttlHours': 8 })
    const time = (ttlMinutes: number | null, policy = short) => {
      const decision = issue(PHONE, NOW, { ttlMinutes }, policy)
      return 'answer' in decision ? decision.answer.issued.ttlMinutes : decision.refusal.reason
    }
    expect([time(null), time(60), time(480), time(481)]).toEqual([480, 60, 480, 'ttl-too-long'])
    expect(time(1440, POLICY)).toBe(1440)
  })

  it('shows the PIN of this minute again, but refuses another way of delivery', () => {
    const device = issued(PHONE, NOW)
    expect(issue(device, NOW + 59_999)).toMatchObject({ answer: { pin: pinAt(NOW), repeated: true } })
    expect(issue(device, NOW + 20_000, { delivered: 'read-out' })).toMatchObject({
      refusal: { reason: 'one-a-minute', details: { waitSeconds: 40 } },
    })
    expect(reasonOf(issue(device, NOW - MINUTE))).toBe('one-a-minute')
    expect(issue(device, NOW + MINUTE)).toMatchObject({ answer: { pin: pinAt(NOW + MINUTE), repeated: false } })
  })

  it('does not show a used or a revoked PIN again', () => {
    const device = issued(PHONE, NOW)
    const used = applyTo(device, redeem(device, pinAt(NOW), NOW))
    const revoked = applyTo(device, decideRevoke(USER, [device], at(NOW)))
    for (const ended of [used, revoked]) expect(reasonOf(issue(ended, NOW))).toBe('one-a-minute')
  })

  it('refuses if the clock is behind the latest time of the device or of the audit log', () => {
    const device = issued(PHONE, NOW)
    expect(reasonOf(issue(device, NOW - 6 * MINUTE))).toBe('clock-back')
    const request = { audience: 'device', ttlMinutes: null, delivered: 'mail' } as const
    const owner = { user: USER, device: PHONE, secret: SECRET }
    expect(reasonOf(decideIssue(owner, request, POLICY, at(NOW, NOW + 5 * MINUTE)))).toBe('ok')
    expect(reasonOf(decideIssue(owner, request, POLICY, at(NOW, NOW + 6 * MINUTE)))).toBe('clock-back')
  })
})

describe('redeeming', () => {
  const device = issued(PHONE, NOW)

  it('accepts a PIN once', () => {
    const decision = redeem(device, pinAt(NOW), NOW + MINUTE)
    expect(decision).toMatchObject({ answer: { delivered: 'mail', at: NOW + MINUTE } })
    expect(reasonOf(redeem(applyTo(device, decision), pinAt(NOW), NOW + MINUTE))).toBe('pin-used')
  })

  it('tells expired, wrong, replaced, used, revoked and never issued PINs apart, and counts only wrong ones', () => {
    const replaced = issued(device, NOW + MINUTE)
    const revoked = applyTo(device, decideRevoke(USER, [device], at(NOW)))
    const usedAndReplaced = issued(applyTo(device, redeem(device, pinAt(NOW), NOW)), NOW + MINUTE)
    const cases: [string, Device, string, number, number][] = [
      ['pin-expired', device, pinAt(NOW), NOW + DAY_MS + MINUTE, 0],
      ['pin-wrong', device, wrongAt(NOW), NOW, 1],
      ['pin-replaced', replaced, pinAt(NOW), NOW + MINUTE, 0],
      ['pin-used', usedAndReplaced, pinAt(NOW), NOW + MINUTE, 0],
      ['pin-revoked', revoked, pinAt(NOW), NOW, 0],
      ['pin-not-issued', PHONE, pinAt(NOW), NOW, 0],
      // The right digits of a minute in which no PIN was issued: a lucky guess.
      ['pin-wrong', device, pinAt(NOW + 2 * MINUTE), NOW, 1],
      ['pin-wrong', device, pinAt(NOW, 'device'), NOW, 1],
      ['device-blocked', { ...device, state: 'blocked', blockedFor: 'lost' }, pinAt(NOW), NOW, 0],
      ['device-retired', { ...device, state: 'retired' }, pinAt(NOW), NOW, 0],
    ]
    for (const [reason, phone, pin, now, counted] of cases) {
      const decision = redeem(phone, pin, now)
      expect(reasonOf(decision)).toBe(reason)
      expect(applyTo(phone, decision).pins.desk.wrong, reason).toBe(counted)
    }
  })

  it('refuses a PIN after its own lifetime, or after the shorter one of the current policy', () => {
    const short = issued(PHONE, NOW, { ttlMinutes: 60 })
    expect(reasonOf(redeem(short, pinAt(NOW), NOW + 60 * MINUTE + 59_999))).toBe('ok')
    expect(reasonOf(redeem(short, pinAt(NOW), NOW + 61 * MINUTE))).toBe('pin-expired')
    const stricter = policyOf({ ...POLICY, 'pin.ttlHours': 1 })
    expect(reasonOf(redeem(device, pinAt(NOW), NOW + 61 * MINUTE, NOW, stricter))).toBe('pin-expired')
  })

  it('refuses even the right PIN after five wrong ones, until a reset is confirmed', () => {
    let phone = device
    for (let i = 1; i <= 5; i++) {
      const decision = redeem(phone, wrongAt(NOW, i), NOW)
      expect(decision).toMatchObject({ refusal: { reason: 'pin-wrong', details: { triesLeft: 5 - i } } })
      phone = applyTo(phone, decision)
    }
    expect(reasonOf(redeem(phone, pinAt(NOW), NOW))).toBe('pin-closed')
    expect(reasonOf(issue(phone, NOW + MINUTE))).toBe('pin-closed')
    const confirmed = decideConfirm({ device: phone, secret: SECRET }, requestOf(codeOf(0)), POLICY, at(NOW))
    expect(reasonOf(confirmed)).toBe('ok')
    expect(reasonOf(redeem(applyTo(phone, confirmed), pinAt(NOW), NOW))).toBe('ok')
  })

  it('resets the count of wrong PINs at the right one', () => {
    const once = applyTo(device, redeem(device, wrongAt(NOW), NOW))
    expect(applyTo(once, redeem(once, pinAt(NOW), NOW)).pins.desk.wrong).toBe(0)
  })

  it('refuses an expired PIN on a clock that was set back, even in small steps', () => {
    const late = NOW + DAY_MS + MINUTE
    let phone = applyTo(device, redeem(device, pinAt(NOW), late))
    expect(reasonOf(redeem(phone, pinAt(NOW), NOW + MINUTE))).toBe('clock-back')
    for (let back = 0; back < 60; back++) {
      const decision = redeem(phone, wrongAt(late), late - back * MINUTE)
      if (reasonOf(decision) === 'pin-wrong')
        phone = { ...phone, pins: { ...phone.pins, desk: { ...phone.pins.desk, wrong: 0 } } }
      else expect(back).toBeGreaterThan(5)
    }
    // The latest time of the audit log counts too, even if the device has no later time of its own.
    expect(reasonOf(redeem(device, pinAt(NOW), NOW, NOW + 6 * MINUTE))).toBe('clock-back')
  })
})

describe('revoking', () => {
  it('ends every outstanding PIN of all devices, and lists them', () => {
    const phone = issued(issued(PHONE, NOW), NOW, { audience: 'device' })
    const other: Device = { ...PHONE, deviceId: asHexId('cd'.repeat(16)) }
    const decision = decideRevoke(USER, [phone, other], at(NOW))
    expect('answer' in decision && decision.answer.map(({ audience }) => audience)).toEqual(['device', 'desk'])
    expect(decision.changes).toHaveLength(1)
    expect(listOutstanding(applyTo(phone, decision), NOW)).toEqual([])
    expect(reasonOf(decideRevoke(USER, [applyTo(phone, decision)], at(NOW)))).toBe('no-pin')
    expect(reasonOf(decideRevoke(USER, [phone], at(NOW + DAY_MS)))).toBe('no-pin')
  })
})

describe('--verified-by pin', () => {
  const confirm = (device: Device, now: number, operator = ANNA) =>
    reasonOf(
      decideConfirm({ device, secret: SECRET }, requestOf(codeOf(0), { verifiedBy: 'pin' }), POLICY, { now, operator }),
    )
  const proven = (delivered: 'mail' | 'read-out') => {
    const device = issued(PHONE, NOW, { delivered })
    return applyTo(device, redeem(device, pinAt(NOW), NOW))
  }

  it('is accepted for ten minutes after a mailed PIN was redeemed, by any operator', () => {
    for (const [later, reason] of [
      [0, 'ok'],
      [600_000, 'ok'],
      [600_001, 'pin-not-proven'],
      [-1, 'pin-not-proven'],
    ] as const)
      expect(confirm(proven('mail'), NOW + later), String(later)).toBe(reason)
    expect(confirm(proven('mail'), NOW, BEN)).toBe('ok')
  })

  it('is refused to every role if the PIN was read out or was not redeemed', () => {
    for (const operator of [ANNA, ADA]) {
      expect(confirm(proven('read-out'), NOW, operator)).toBe('pin-not-proven')
      expect(confirm(issued(PHONE, NOW), NOW, operator)).toBe('pin-not-proven')
      expect(confirm(PHONE, NOW, operator)).toBe('pin-not-proven')
    }
  })

  it('changes nothing when it is refused, and the audit entry has the way of verification', () => {
    const decision = decideConfirm(
      { device: PHONE, secret: SECRET },
      requestOf(codeOf(0), { verifiedBy: 'pin' }),
      POLICY,
      { now: NOW, operator: ANNA },
    )
    expect(decision.changes).toEqual([])
    expect(decision.entry).toMatchObject({ outcome: 'pin-not-proven', details: { verifiedBy: 'pin' } })
  })
})
