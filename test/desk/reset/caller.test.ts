/**
 * The verification of the caller in a reset.
 * - Policy, role and reason decide whether the caller counts as verified.
 * - The caller's own app code is spent or counted in the commit of the reset, for each outcome.
 */
import { describe, expect, test } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import type { Device, TotpAccount } from '../../../src/desk/records/index.ts'
import { type CallerProof, NO_PROOF, proofByTime, statusOfCaller } from '../../../src/desk/reset/caller.ts'
import { decideConfirm } from '../../../src/desk/reset/decide.ts'
import { wrongCode } from '../../../src/desk/totp/refusals.ts'
import { ADA, ANNA, codeOf, DEVICE, inventionOf, NOW, policyOf, reasonOf, requestOf, SECRET } from '../fixtures.ts'

const REQUIRED = policyOf({ callerVerification: 'required', verificationMethods: ['totp', 'manager'] })
const ACCOUNT: TotpAccount = {
  ...{ ownerId: asHexId('ab'.repeat(16)), owner: 'user', name: DEVICE.user, state: 'active', enrolledAt: NOW },
  ...{
    lastStep: 1,
    spentSteps: [],
    drift: 0,
    failures: 0,
    closedUntil: null,
    verifiedAt: NOW,
    recovery: [],
    trusted: [],
  },
}
const SPENT: CallerProof = { refusal: null, changes: [{ put: 'totp', record: ACCOUNT }], stepsOff: 1 }
const WRONG: CallerProof = { ...SPENT, refusal: wrongCode('user', 4), stepsOff: null }

describe('if policy demands verification', () => {
  test.each([
    [ANNA, 'totp', null, 'verified'],
    [ANNA, 'manager', null, 'verified'],
    [ANNA, 'callback', null, 'lacking'],
    [ANNA, null, null, 'lacking'],
    [ANNA, null, 'I know him', 'lacking'],
    [ADA, null, null, 'lacking'],
    [ADA, null, 'the fire brigade stands beside me', 'overridden'],
    [ADA, 'totp', 'why not', 'verified'],
  ] as const)('%o by %s with reason %s is %s', (operator, verifiedBy, reason, standing) => {
    expect(statusOfCaller(REQUIRED, operator, verifiedBy, reason)).toBe(standing)
  })

  test('an override is marked as unverified in the audit log', () => {
    const request = requestOf(codeOf(1), { verifiedBy: null, reason: 'in front of me' })
    const decision = decideConfirm({ device: DEVICE, secret: SECRET }, request, REQUIRED, { now: NOW, operator: ADA })
    expect(decision).toMatchObject({ answer: { warnUnverified: false }, entry: { details: { unverified: true } } })
  })

  test('the refusal names the accepted methods, and only an admin is told about --reason', () => {
    const refuse = (operator: typeof ANNA) =>
      decideConfirm({ device: DEVICE, secret: SECRET }, requestOf(codeOf(1)), REQUIRED, { now: NOW, operator })
    expect(refuse(ANNA)).toMatchObject({ refusal: { reason: 'caller-unverified', message: /by totp, manager$/ } })
    expect(JSON.stringify(refuse(ANNA))).not.toContain('--reason')
    expect(JSON.stringify(refuse(ADA))).toContain('--reason')
  })
})

describe('the caller’s own code', () => {
  const confirm = (proof: CallerProof, code = codeOf(5), device: Device = DEVICE) => {
    const request = requestOf(code, { verifiedBy: 'totp' })
    return decideConfirm({ device, secret: SECRET }, request, policyOf(), { now: NOW, operator: ANNA }, proof)
  }
  const putsOf = (proof: CallerProof, ...rest: [string?, Device?]) =>
    confirm(proof, ...(rest as [])).changes.map(({ put }) => put)

  test('is spent in the confirming commit, and its distance is in the answer and in the audit log', () => {
    expect(putsOf(SPENT)).toEqual(['totp', 'device'])
    expect(confirm(SPENT)).toMatchObject({
      answer: { warnUnverified: false, stepsOff: 1 },
      entry: { details: { stepsOff: 1 } },
    })
  })

  test('is counted if it is wrong, and nothing is confirmed', () => {
    expect(reasonOf(confirm(WRONG))).toBe('wrong-code')
    expect(putsOf(WRONG)).toEqual(['totp'])
  })

  test.each([SPENT, WRONG])('is not examined before the reset code is proven genuine', (proof) => {
    const decision = confirm(proof, inventionOf(5))
    expect(reasonOf(decision)).toBe('not-genuine')
    expect(decision.changes.map(({ put }) => put)).toEqual(['device'])
    expect(decision.entry.details).not.toHaveProperty('stepsOff')
  })

  test.each([
    [6, 'old-epoch', ['totp', 'device']],
    [5, 'confirmed-already', ['totp']],
  ] as const)('is also spent if epoch %i was confirmed before: %s', (epoch, reason, puts) => {
    const device = { ...DEVICE, lastConfirmed: { epoch, at: NOW - 1, operator: ADA.operatorId } }
    const decision = confirm(SPENT, codeOf(5), device)
    expect(reasonOf(decision)).toBe(reason)
    expect(decision.changes.map(({ put }) => put)).toEqual(puts)
  })
})

describe('an earlier verification', () => {
  test.each([
    [0, true],
    [600_000, true],
    [600_001, false],
    [-1, false],
  ])('%i ms ago counts: %s', (ago, counts) => {
    const proof = proofByTime({ ...ACCOUNT, verifiedAt: NOW - ago }, 'zoe', NOW)
    expect(proof.refusal?.reason ?? null).toBe(counts ? null : 'totp-not-verified')
    if (counts) expect(proof).toBe(NO_PROOF)
  })

  test.each([
    null,
    { ...ACCOUNT, verifiedAt: null },
    { ...ACCOUNT, state: 'none' as const },
    { ...ACCOUNT, state: 'pending' as const },
  ])('does not count without an active app and a verified code: %o', (account) => {
    expect(proofByTime(account, 'zoe', NOW).refusal?.reason).toBe('totp-not-verified')
  })
})
