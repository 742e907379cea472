/**
 * The decisions on codes of an authenticator app.
 * - A code is accepted up to one step on either side of the clock, and each step once.
 * - Five wrong codes in a row close the account for 15 minutes.
 * - Two codes in a row correct the drift of the app's clock.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { deriveTotp, stepAt } from '../../../src/crypto/totp.ts'
import type { Decision } from '../../../src/desk/decision.ts'
import type { Operator, TotpAccount } from '../../../src/desk/records/index.ts'
import type { HeldTotp } from '../../../src/desk/totp/codes.ts'
import {
  decideActivate,
  decideEnroll,
  decideReset,
  decideResync,
  decideVerify,
  type TotpOwner,
} from '../../../src/desk/totp/decide.ts'
import { showNoCode } from '../../authenticator.ts'
import { counting } from '../../crypto/fixtures.ts'
import { ADA, ANNA, NOW, reasonOf } from '../fixtures.ts'

const KEY = counting(7, 20)
const OWNER: TotpOwner = { ownerId: asHexId('ab'.repeat(16)), owner: 'user', name: 'zoe@example.ch' }
const MINUTE = 60_000
const at = (now: number, operator: Operator = ANNA) => ({ now, operator })
/** The code that the app shows `steps` steps from now. */
const show = (now: number, steps = 0) => deriveTotp(KEY, stepAt(now) + steps)
const WRONG = showNoCode('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', NOW)

const enrolled = decideEnroll(null, { owner: OWNER, issuer: 'ACME', secret: KEY, recovery: [] }, at(NOW))
const PENDING = ('answer' in enrolled ? enrolled.answer.account : null) as TotpAccount
const ACTIVE: TotpAccount = { ...PENDING, state: 'active', lastStep: stepAt(NOW) - 1000 }
const hold = (account: TotpAccount): HeldTotp => ({ account, secret: KEY })

/** The account after the changes of the decision. */
function leave(account: TotpAccount, { changes }: Decision<unknown>): TotpAccount {
  return changes.reduce((now, change) => (change.put === 'totp' ? change.record : now), account)
}
const verify = (account: TotpAccount, code: string, now = NOW) => decideVerify(OWNER, hold(account), code, at(now))
/** Verifies the codes one after the other. Returns the reasons, and the account at the end. */
function verifyAll(account: TotpAccount, asks: readonly (readonly [code: string, now: number])[]) {
  let left = account
  const reasons = asks.map(([code, now]) => {
    const decision = verify(left, code, now)
    left = leave(left, decision)
    return reasonOf(decision)
  })
  return { reasons, account: left }
}
const refusalOf = (decision: Decision<unknown>) => ('refusal' in decision ? decision.refusal : null)

describe('a new app', () => {
  test('is pending, and its secret is in the change and not in the audit entry', () => {
    expect(enrolled).toMatchObject({ changes: [{ put: 'totp', record: { state: 'pending' }, secret: KEY }] })
    expect(enrolled.entry).toEqual({
      action: 'totp.enroll',
      subject: { kind: 'user', id: OWNER.ownerId, name: OWNER.name, user: OWNER.name },
      details: {},
      outcome: 'ok',
    })
    expect(JSON.stringify(PENDING)).not.toContain('secret')
  })

  test('verifies no caller before its first code', () => {
    expect(reasonOf(verify(PENDING, show(NOW)))).toBe('totp-pending')
    expect(reasonOf(decideResync(OWNER, hold(PENDING), [show(NOW), show(NOW, 1)], at(NOW)))).toBe('totp-pending')
  })

  test('is activated by a code, which is then spent and verifies no caller', () => {
    const decision = decideActivate(OWNER, hold(PENDING), show(NOW), at(NOW))
    const account = leave(PENDING, decision)
    expect(account).toMatchObject({ state: 'active', verifiedAt: null, lastStep: stepAt(NOW) })
    expect(reasonOf(verify(account, show(NOW)))).toBe('used-code')
    expect(reasonOf(decideActivate(OWNER, hold(account), show(NOW, 1), at(NOW)))).toBe('totp-active')
  })

  test('can be replaced while it is pending, and the count of wrong codes stays; an active app cannot', () => {
    const missed = leave(PENDING, decideActivate(OWNER, hold(PENDING), WRONG, at(NOW)))
    const again = decideEnroll(missed, { owner: OWNER, issuer: 'ACME', secret: counting(1, 20), recovery: [] }, at(NOW))
    expect(leave(missed, again).failures).toBe(1)
    expect(
      reasonOf(decideEnroll(ACTIVE, { owner: OWNER, issuer: 'ACME', secret: KEY, recovery: [] }, at(NOW, ADA))),
    ).toBe('totp-active')
  })

  test('must exist before any code is accepted or reset', () => {
    for (const decision of [
      decideActivate(OWNER, null, '123456', at(NOW)),
      decideVerify(OWNER, null, '123456', at(NOW)),
      decideResync(OWNER, null, ['123456', '123456'], at(NOW)),
      decideReset(OWNER, null, null, at(NOW, ADA)),
    ])
      expect(reasonOf(decision)).toBe('totp-not-enrolled')
  })
})

describe('one code', () => {
  test.each([-1, 0, 1])('of %i steps away is accepted, and the answer and the audit log have the distance', (steps) => {
    const decision = verify(ACTIVE, show(NOW, steps))
    expect(decision).toMatchObject({ answer: { stepsOff: steps }, entry: { details: { stepsOff: steps } } })
    expect(leave(ACTIVE, decision)).toMatchObject({ lastStep: stepAt(NOW) + steps, verifiedAt: NOW, failures: 0 })
  })

  test.each([
    [2, '2 steps (60 s) ahead of'],
    [-2, '2 steps (60 s) behind'],
    [124, '124 steps (3720 s) ahead of'],
    [-124, '124 steps (3720 s) behind'],
  ])('of %i steps away is refused, and the message says that it is %s the clock', (steps, words) => {
    const decision = verify(ACTIVE, show(NOW, steps))
    expect(refusalOf(decision)).toMatchObject({
      kind: 'rejected',
      reason: 'code-too-far',
      details: { stepsOff: steps },
    })
    expect(refusalOf(decision)?.message).toContain(`${words} this machine's clock`)
    expect(decision.entry.details).toEqual({ stepsOff: steps })
    expect(leave(ACTIVE, decision).failures).toBe(1)
  })

  test.each([125, -125])('of %i steps away is reported as wrong', (steps) => {
    expect(reasonOf(verify(ACTIVE, show(NOW, steps)))).toBe('wrong-code')
  })

  test('is accepted once, and no earlier code is accepted after it', () => {
    const codes = [0, 0, -1, 1, 0, 1].map((steps) => [show(NOW, steps), NOW] as const)
    expect(verifyAll(ACTIVE, codes).reasons).toEqual(['ok', 'used-code', 'used-code', 'ok', 'used-code', 'used-code'])
  })

  test('that was used is not counted, however often it is repeated', () => {
    const { account } = verifyAll(ACTIVE, new Array(20).fill([show(NOW), NOW]))
    expect(account).toMatchObject({ failures: 0, closedUntil: null })
  })

  test('that was accepted last is still reported as used ten minutes later', () => {
    const { account } = verifyAll(ACTIVE, [[show(NOW), NOW]])
    const decision = verify(account, show(NOW), NOW + 10 * MINUTE)
    expect(reasonOf(decision)).toBe('used-code')
    expect(decision.changes).toEqual([])
  })

  test('that was refused as too early is spent, and is not accepted later', () => {
    const asks = [[show(NOW, 2), NOW] as const, [show(NOW, 2), NOW + MINUTE] as const]
    expect(verifyAll(ACTIVE, asks).reasons).toEqual(['code-too-far', 'used-code'])
    // The code of the next step is still valid.
    expect(verifyAll(ACTIVE, [asks[0] as never, [show(NOW, 3), NOW + MINUTE]]).reasons).toEqual(['code-too-far', 'ok'])
  })

  test('is not accepted again when the clock was set back', () => {
    const { account } = verifyAll(ACTIVE, [[show(NOW), NOW]])
    expect(reasonOf(verify(account, show(NOW - MINUTE), NOW - MINUTE))).toBe('used-code')
  })

  test('is accepted at most once for each step, and at most one step away, in any sequence', () => {
    const ask = fc.record({
      wait: fc.constantFrom(0, 10_000, 30_000, 90_000, -60_000),
      steps: fc.integer({ min: -4, max: 4 }),
    })
    fc.assert(
      fc.property(fc.array(ask, { maxLength: 40 }), (asks) => {
        let account = ACTIVE
        let now = NOW
        const accepted: number[] = []
        for (const { wait, steps } of asks) {
          now += wait
          const decision = verify(account, show(now, steps), now)
          account = leave(account, decision)
          if ('refusal' in decision) continue
          expect(Math.abs(steps)).toBeLessThanOrEqual(1)
          expect(accepted).not.toContain(stepAt(now) + steps)
          accepted.push(stepAt(now) + steps)
        }
      }),
    )
  })
})

describe('five wrong codes in a row', () => {
  const miss = (times: number, now = NOW) => new Array(times).fill([WRONG, now]) as [string, number][]

  test('close the account for 15 minutes, even for right codes; four do not', () => {
    expect(verifyAll(ACTIVE, [...miss(4), [show(NOW), NOW]]).reasons.at(-1)).toBe('ok')
    const { account } = verifyAll(ACTIVE, miss(5))
    expect(account.closedUntil).toBe(NOW + 15 * MINUTE)
    const last = NOW + 15 * MINUTE - 1
    expect(reasonOf(verify(account, show(NOW)))).toBe('totp-closed')
    expect(reasonOf(verify(account, show(last), last))).toBe('totp-closed')
    expect(reasonOf(verify(account, show(last + 1), last + 1))).toBe('ok')
  })

  test('are refused with the time of reopening, and the fifth says that it is the fifth', () => {
    const fifth = verify(verifyAll(ACTIVE, miss(4)).account, WRONG)
    expect(refusalOf(fifth)).toMatchObject({ reason: 'wrong-code', details: { retryAfterSeconds: 900 } })
    expect(refusalOf(fifth)?.message).toContain(
      'the fifth in a row, and no code is looked at until 09:15 UTC, 15 minutes',
    )
    const sixth = refusalOf(verify(leave(ACTIVE, fifth), show(NOW + MINUTE), NOW + 14 * MINUTE))
    expect(sixth).toMatchObject({ kind: 'refused', details: { retryAfterSeconds: 60 } })
    expect(sixth?.message).toContain('until 09:15 UTC, 1 minute from now')
  })

  test('are counted from zero after the account reopens, and tries in between do not prolong the wait', () => {
    const { account } = verifyAll(ACTIVE, [...miss(5), ...miss(3, NOW + MINUTE)])
    expect(account.closedUntil).toBe(NOW + 15 * MINUTE)
    const later = NOW + 16 * MINUTE
    expect(verifyAll(account, [...miss(4, later), [show(later), later]]).reasons.at(-1)).toBe('ok')
    expect(verifyAll(account, miss(5, later)).account.closedUntil).toBe(later + 15 * MINUTE)
  })

  test('include codes that are too far off and pairs that are not consecutive', () => {
    const far = Array.from({ length: 5 }, (_, i) => [show(NOW, 10 + i), NOW] as const)
    expect(verifyAll(ACTIVE, far).account.closedUntil).not.toBeNull()
    const pair = decideResync(OWNER, hold({ ...ACTIVE, failures: 4 }), [show(NOW), show(NOW, 2)], at(NOW))
    expect(reasonOf(pair)).toBe('not-consecutive')
    expect(leave(ACTIVE, pair).closedUntil).toBe(NOW + 15 * MINUTE)
    expect(reasonOf(decideResync(OWNER, hold(leave(ACTIVE, pair)), [show(NOW), show(NOW, 1)], at(NOW)))).toBe(
      'totp-closed',
    )
  })
})

describe('two codes in a row', () => {
  const resync = (account: TotpAccount, first: number, second: number) =>
    decideResync(OWNER, hold(account), [show(NOW, first), show(NOW, second)], at(NOW))

  test.each([120, 5, -7, -123])('correct the drift of an app that is %i steps off', (steps) => {
    const decision = resync({ ...ACTIVE, lastStep: null }, steps - 1, steps)
    const account = leave(ACTIVE, decision)
    expect(decision).toMatchObject({ answer: { stepsOff: steps } })
    expect(account).toMatchObject({ drift: steps, verifiedAt: null })
    const later = NOW + MINUTE
    expect(reasonOf(verify(account, show(NOW, steps)))).toBe('used-code')
    expect(verify(account, show(later, steps + 1), later)).toMatchObject({ answer: { stepsOff: steps + 1 } })
    expect(refusalOf(verify(account, show(later), later))?.message).toMatch(/in step with .* at its last resync/)
  })

  test.each([-1, 0, 1])('leave no drift if the app is %i steps off', (steps) => {
    expect(leave(ACTIVE, resync(ACTIVE, steps - 1, steps)).drift).toBe(0)
  })

  test.each([
    [6, 5],
    [5, 5],
    [5, 7],
    [0, 200],
  ])('are refused if they are the codes of steps %i and %i', (first, second) => {
    expect(reasonOf(resync(ACTIVE, first, second))).toBe('not-consecutive')
  })

  test('must both be later than the last accepted step', () => {
    const account = { ...ACTIVE, lastStep: stepAt(NOW) }
    expect(reasonOf(resync(account, 0, 1))).toBe('not-consecutive')
    expect(reasonOf(resync(account, 1, 2))).toBe('ok')
  })
})

describe('a reset', () => {
  test('by an admin removes the secret and all counts', () => {
    const decision = decideReset(OWNER, hold({ ...ACTIVE, failures: 3 }), null, at(NOW, ADA))
    expect(decision.changes).toEqual([
      { put: 'totp', secret: null, record: expect.objectContaining({ state: 'none', failures: 0 }) },
    ])
    expect(decision.entry).toMatchObject({ action: 'totp.reset', details: { byCode: false }, outcome: 'ok' })
  })

  test('by another operator needs a code of the app, and a wrong code counts', () => {
    expect(reasonOf(decideReset(OWNER, hold(ACTIVE), null, at(NOW)))).toBe('needs-admin')
    const wrong = decideReset(OWNER, hold(ACTIVE), WRONG, at(NOW))
    expect(reasonOf(wrong)).toBe('wrong-code')
    expect(leave(ACTIVE, wrong)).toMatchObject({ state: 'active', failures: 1 })
    expect(reasonOf(decideReset(OWNER, hold(ACTIVE), show(NOW), at(NOW)))).toBe('ok')
  })

  test('of a pending app needs neither an admin nor a code', () => {
    expect(reasonOf(decideReset(OWNER, hold(PENDING), null, at(NOW)))).toBe('ok')
  })
})
