/**
 * The decisions on the second factor of an unlock.
 * - Policy and the operator's app decide which factor is needed beside the passphrase.
 * - Each recovery code unlocks once.
 * - A workstation is trusted for a limited time, and only under the same app secret.
 */
import { describe, expect, test } from 'vitest'
import { encodeRecovery, markRecovery, parseRecovery } from '../../../src/crypto/recovery.ts'
import { deriveTotp, stepAt } from '../../../src/crypto/totp.ts'
import type { Decision } from '../../../src/desk/decision.ts'
import type { TotpAccount } from '../../../src/desk/records/index.ts'
import type { HeldTotp } from '../../../src/desk/totp/codes.ts'
import { decideEnroll, decideReset } from '../../../src/desk/totp/decide.ts'
import {
  decideRevokeTrust,
  decideUnlockBy,
  decideUse,
  demandOf,
  type GivenFactor,
} from '../../../src/desk/totp/second-factor.ts'
import { counting } from '../../crypto/fixtures.ts'
import { ADA, ANNA, DAY_MS, NOW, policyOf, reasonOf } from '../fixtures.ts'

const KEY = counting(7, 20)
const TOKEN = counting(40, 32)
const OWNER = { ownerId: ANNA.operatorId, owner: 'operator', name: ANNA.name } as const
const at = { now: NOW, operator: ANNA }
const drawn = Array.from({ length: 10 }, (_, i) => counting(20 * i, 7))
const enrolled = decideEnroll(null, { owner: OWNER, issuer: 'ACME', secret: KEY, recovery: drawn }, at)
if (!('answer' in enrolled)) throw new Error('nobody had an app before')
const { account: PENDING, recoveryCodes: RECOVERY } = enrolled.answer
const ACTIVE: TotpAccount = { ...PENDING, state: 'active' }
const hold = (account: TotpAccount): HeldTotp => ({ account, secret: KEY })
const show = (now: number) => deriveTotp(KEY, stepAt(now))
const TRUST = { trustId: '01020304', name: 'front desk', token: TOKEN }

const unlock = (account: TotpAccount | null, given: Partial<GivenFactor>, policy = policyOf(), now = NOW) =>
  decideUnlockBy(
    900,
    account === null ? null : hold(account),
    { code: null, token: null, trust: null, ...given },
    policy,
    {
      ...at,
      now,
    },
  )
function leave(account: TotpAccount, { changes }: Decision<unknown>): TotpAccount {
  return changes.reduce((now, change) => (change.put === 'totp' ? change.record : now), account)
}

describe('the demanded factor', () => {
  const REQUIRED = policyOf({ totpRequired: true })
  test.each([
    [null, policyOf(), 'none'],
    [PENDING, policyOf(), 'none'],
    [ACTIVE, policyOf(), 'code'],
    [null, REQUIRED, 'setup'],
    [PENDING, REQUIRED, 'setup'],
    [ACTIVE, REQUIRED, 'code'],
  ] as const)('%#: %o', (account, policy, demand) => {
    expect(demandOf(account === null ? null : hold(account), TOKEN, policy, { now: NOW, operator: ADA })).toBe(demand)
    const reasons = { none: 'ok', code: 'totp-missing', setup: 'totp-required' }
    const held = account === null ? null : hold(account)
    expect(reasonOf(decideUse(held, null, policy, at))).toBe(reasons[demand])
    expect(unlock(account, {}, policy)).toMatchObject(
      demand === 'none' ? { answer: { factor: 'none' } } : { refusal: { kind: 'locked', reason: reasons[demand] } },
    )
  })

  test('is also the first code of a pending app, which activates the app and unlocks in one commit', () => {
    const decision = unlock(PENDING, { code: show(NOW) }, REQUIRED)
    expect(decision).toMatchObject({ answer: { factor: 'totp', recoveryLeft: 10 } })
    expect(leave(PENDING, decision).state).toBe('active')
    expect(reasonOf(unlock(PENDING, { code: RECOVERY[0] as string }, REQUIRED))).toBe('wrong-code')
  })
})

describe('a recovery code', () => {
  test('has ten symbols, and is stored as a mark: a hash keyed by the secret', () => {
    expect(new Set(RECOVERY).size).toBe(10)
    for (const code of RECOVERY) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$/)
    expect(JSON.stringify(enrolled.changes)).not.toContain(RECOVERY[0])
    const [first = ''] = RECOVERY
    expect(ACTIVE.recovery[0]).toBe(markRecovery(KEY, parseRecovery(first) as string))
    expect(markRecovery(counting(8, 20), parseRecovery(first) as string)).not.toBe(ACTIVE.recovery[0])
    expect(encodeRecovery(new Uint8Array(7).fill(255))).toBe('ZZZZZ-ZZZZZ')
  })

  test.each(['0a1b2c3d4e', '0A1B2 C3D4E', 'oa1b2-c3d4e', 'OAIB2-C3D4E'])('typed as %s is the same', (typed) => {
    expect(parseRecovery(typed)).toBe('0A1B2C3D4E')
  })

  test.each(['', '123456', '0A1B2-C3D4', '0A1B2-C3D4EF', '0A1B2-C3D4!'])('is not read from "%s"', (typed) => {
    expect(parseRecovery(typed)).toBeNull()
  })

  test('unlocks once, and another code still unlocks', () => {
    const [first = '', second = ''] = RECOVERY
    const once = unlock(ACTIVE, { code: first.toLowerCase() })
    expect(once).toMatchObject({ answer: { factor: 'recovery', recoveryLeft: 9 } })
    const left = leave(ACTIVE, once)
    expect(unlock(left, { code: first })).toMatchObject({ refusal: { kind: 'locked', reason: 'wrong-code' } })
    expect(unlock(left, { code: second })).toMatchObject({ answer: { recoveryLeft: 8 } })
  })

  test('is counted if it is wrong, and refused while the account is closed', () => {
    let account = ACTIVE
    for (let i = 0; i < 5; i++) account = leave(account, unlock(account, { code: 'ZZZZZ-ZZZZZ' }))
    expect(account.closedUntil).toBe(NOW + 15 * 60_000)
    const refused = unlock(account, { code: RECOVERY[0] as string })
    expect(refused).toMatchObject({ refusal: { kind: 'refused', reason: 'totp-closed' }, changes: [] })
  })
})

describe('a trusted workstation', () => {
  const trusted = unlock(ACTIVE, { code: show(NOW), trust: TRUST })
  const account = leave(ACTIVE, trusted)
  const later = NOW + 60_000

  test('needs no code for as long as policy says, and no longer', () => {
    expect(trusted).toMatchObject({
      answer: { trustedUntil: NOW + 30 * DAY_MS },
      entry: { details: { trusted: 'front desk' } },
    })
    const end = NOW + 30 * DAY_MS
    expect(unlock(account, { token: TOKEN }, policyOf(), end - 1)).toMatchObject({ answer: { factor: 'trusted' } })
    expect(reasonOf(unlock(account, { token: TOKEN }, policyOf(), end))).toBe('totp-missing')
    expect(reasonOf(decideUse(hold(account), TOKEN, policyOf(), at))).toBe('ok')
    expect(
      leave(ACTIVE, unlock(ACTIVE, { code: show(NOW), trust: TRUST }, policyOf({ trustDays: 1 }))).trusted[0]?.until,
    ).toBe(NOW + DAY_MS)
  })

  test('is recognised only by its token, and not under another app secret', () => {
    expect(reasonOf(unlock(account, { token: counting(41, 32) }, policyOf(), later))).toBe('totp-missing')
    const moved = { account, secret: counting(8, 20) }
    expect(demandOf(moved, TOKEN, policyOf(), { now: later, operator: ADA })).toBe('code')
    expect(JSON.stringify(trusted.changes)).not.toContain(Buffer.from(TOKEN).toString('hex'))
  })

  test('needs a code to become trusted, even if it is trusted already', () => {
    expect(reasonOf(unlock(account, { token: TOKEN, trust: TRUST }, policyOf(), later))).toBe('totp-missing')
    expect(reasonOf(unlock(null, { trust: TRUST }))).toBe('totp-not-enrolled')
  })

  test('is revoked at once', () => {
    const revoked = leave(account, decideRevokeTrust(account, TRUST.trustId, at))
    expect(reasonOf(unlock(revoked, { token: TOKEN }, policyOf(), later))).toBe('totp-missing')
    expect(reasonOf(decideRevokeTrust(revoked, TRUST.trustId, at))).toBe('no-trust')
    expect(reasonOf(decideRevokeTrust(null, TRUST.trustId, at))).toBe('no-trust')
  })
})

describe('one’s own app', () => {
  const ofAda = { ...OWNER, ownerId: ADA.operatorId }
  test('is not reset without its code, even by an admin; an admin can reset the app of another operator', () => {
    expect(reasonOf(decideReset(ofAda, hold(ACTIVE), null, { now: NOW, operator: ADA }))).toBe('needs-admin')
    expect(reasonOf(decideReset(OWNER, hold(ACTIVE), null, { now: NOW, operator: ADA }))).toBe('ok')
  })

  test.each([
    ['a code', show(NOW)],
    ['a recovery code', RECOVERY[3] as string],
  ])('is reset by %s of it, together with its trust and its recovery codes', (_, code) => {
    const account = leave(ACTIVE, unlock(ACTIVE, { code: show(NOW - 30_000), trust: TRUST }))
    const decision = decideReset(OWNER, hold(account), code, at)
    expect(leave(account, decision)).toMatchObject({ state: 'none', recovery: [], trusted: [] })
    expect(decision.changes).toMatchObject([{ secret: null }])
  })
})
