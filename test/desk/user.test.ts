/** Users, their roles, and the own policy of a device. */
import { describe, expect, it, test } from 'vitest'
import { asHexId } from '../../src/crypto/bytes.ts'
import { decideOwnPolicy } from '../../src/desk/policy.ts'
import type { Device, User } from '../../src/desk/records/index.ts'
import { findPolicyField, POLICY_FIELDS, parsePolicyValue, policyFor } from '../../src/desk/records/inherited-policy.ts'
import { DEFAULT_POLICY } from '../../src/desk/records/policy.ts'
import { decideAddUser, decideRemoveUser, decideRole, isOwner } from '../../src/desk/user.ts'
import { ADA, ANNA, applyTo, DEVICE, NOW, reasonOf } from './fixtures.ts'

const ROLE = 'reset-secure-apps-passcode'
const USER: User = { userId: asHexId('ab'.repeat(16)), name: 'zoe@example.ch', addedAt: 0, roles: [], removedAt: null }
const by = (operator: typeof ADA) => ({ now: NOW, operator })

describe('a user', () => {
  it('is added once, under the normalised name', () => {
    const decision = decideAddUser(null, { name: ' ZOE\u0308@Example.CH ', userId: USER.userId }, by(ANNA))
    expect('answer' in decision && decision.answer).toEqual({ ...USER, name: 'zoë@example.ch', addedAt: NOW })
    expect(reasonOf(decideAddUser(USER, { name: 'Zoe@example.ch', userId: asHexId('00') }, by(ADA)))).toBe(
      'user-exists',
    )
  })

  it('owns a device in any spelling of the name', () => {
    expect(isOwner({ name: 'zoë' }, { user: ' ZOE\u0308' })).toBe(true)
    expect(isOwner({ name: 'zoe' }, { user: 'zoë' })).toBe(false)
  })

  it('gets and loses a role by an admin, and a repetition changes nothing', () => {
    const granted = decideRole(USER, ROLE, 'grant', by(ADA))
    expect(granted).toMatchObject({ answer: { changed: true, user: { roles: [ROLE] } } })
    const has = { ...USER, roles: [ROLE] }
    expect(decideRole(has, ROLE, 'grant', by(ADA))).toMatchObject({ answer: { changed: false }, changes: [] })
    expect(decideRole(has, ROLE, 'revoke', by(ADA))).toMatchObject({ answer: { changed: true, user: { roles: [] } } })
    expect(decideRole(USER, ROLE, 'revoke', by(ADA))).toMatchObject({ answer: { changed: false }, changes: [] })
    for (const what of ['grant', 'revoke'] as const)
      expect(decideRole(USER, ROLE, what, by(ANNA))).toMatchObject({ refusal: { reason: 'needs-admin' }, changes: [] })
  })

  it('is removed by an admin if all their devices are retired, and the record stays with its date', () => {
    const retired: Device = { ...DEVICE, state: 'retired' }
    for (const state of ['invited', 'active', 'blocked'] as const)
      expect(reasonOf(decideRemoveUser(USER, [retired, { ...DEVICE, state }], by(ADA)))).toBe('has-devices')
    expect(reasonOf(decideRemoveUser(USER, [], by(ANNA)))).toBe('needs-admin')
    const decision = decideRemoveUser(USER, [retired], by(ADA))
    expect(decision.changes).toEqual([{ put: 'user', record: { ...USER, removedAt: NOW } }])
  })
})

describe('policy of a device', () => {
  it('has a sentence, a kind and a default for each key, and each key once', () => {
    expect(new Set(POLICY_FIELDS.map(({ key }) => key)).size).toBe(POLICY_FIELDS.length)
    for (const { key, sentence, fallback } of POLICY_FIELDS) {
      expect(sentence).toMatch(/^[A-Z].*\.$/)
      expect(DEFAULT_POLICY[key]).toBe(fallback)
    }
  })

  test.each([
    ['licence.docs', 'on', true],
    ['licence.docs', 'TRUE', true],
    ['licence.docs', 'no', false],
    ['licence.docs', '1', null],
    ['licence.docs', '', null],
    ['pin.ttlHours', '1', 1],
    ['pin.ttlHours', '24', 24],
    ['pin.ttlHours', '25', null],
    ['pin.ttlHours', '0', null],
    ['pin.ttlHours', '1.5', null],
    ['pin.ttlHours', 'on', null],
  ] as const)('%s %j is %j', (key, text, value) => {
    const field = findPolicyField(key)
    if (field === null) throw new Error('no such field')
    expect(parsePolicyValue(field, text)).toBe(value)
  })

  it('overrides that of the organisation until it inherits again, and only an admin changes it', () => {
    const own = decideOwnPolicy(DEVICE, { key: 'pin.ttlHours', value: 2 }, by(ADA))
    const device = applyTo(DEVICE, own)
    expect(policyFor(DEFAULT_POLICY, device)['pin.ttlHours']).toBe(2)
    expect(own.entry.details).toEqual({ key: 'pin.ttlHours', value: '2' })
    const inherited = applyTo(device, decideOwnPolicy(device, { key: 'pin.ttlHours', value: null }, by(ADA)))
    expect(inherited).toEqual(DEVICE)
    expect(reasonOf(decideOwnPolicy(DEVICE, { key: 'licence.web', value: true }, by(ANNA)))).toBe('needs-admin')
  })
})
