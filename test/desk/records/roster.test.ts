/**
 * The roster: the statements that each role may make, and the conditions under which a statement is valid.
 * Each statement is really signed here. Anyone with the directory's key can write a statement into a store.
 * So a statement is valid only if an admin signed it.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asHexId, encodeHex } from '../../../src/crypto/bytes.ts'
import { deriveStoreId, rosterGenesis, signStatement } from '../../../src/crypto/roster.ts'
import { SECTIONS } from '../../../src/crypto/section.ts'
import { derivePublicKey } from '../../../src/crypto/signature.ts'
import { decideAddOperator, decideChangeRole, decideRekey, decideRemoveOperator } from '../../../src/desk/operator.ts'
import { decideSetPolicy } from '../../../src/desk/policy.ts'
import type { Operator, Role } from '../../../src/desk/records/index.ts'
import { DEFAULT_POLICY, findPolicyKey, POLICY_KEYS, type PolicyKey } from '../../../src/desk/records/policy.ts'
import {
  commitToKeys,
  findMember,
  foldStatement,
  type Member,
  presentMembers,
  type Roster,
  type RosterChange,
  type SectionKeys,
} from '../../../src/desk/records/roster.ts'
import { counting, filled } from '../../crypto/fixtures.ts'
import { NOW } from '../fixtures.ts'

type Person = { readonly seed: Uint8Array; readonly operator: Operator }
const person = (number: number, name: string, role: Role): Person => {
  const seed = filled(32, number)
  const operator = {
    operatorId: encodeHex(filled(16, number)),
    name,
    role,
    boxKey: encodeHex(filled(32, number)),
    signKey: encodeHex(derivePublicKey(seed)),
    addedAt: NOW,
  }
  return { seed, operator }
}
const ADA = person(1, 'ada', 'admin')
const BEN = person(2, 'ben', 'helpdesk')
const EVE = person(3, 'eve', 'auditor')
const ZED = person(4, 'zed', 'admin')

const SALT = counting(9, 16)
const STORE = deriveStoreId(derivePublicKey(ADA.seed), SALT)
const KEYS = Object.fromEntries(SECTIONS.map((section, i) => [section, filled(32, 50 + i)])) as SectionKeys
const FOUNDING: RosterChange = {
  kind: 'founder',
  operator: ADA.operator,
  salt: encodeHex(SALT),
  keys: commitToKeys(KEYS, 1),
}

const sign = (roster: Roster | null, by: Person, change: unknown, store = STORE) => {
  const { seq, hash } = roster?.head ?? { seq: 0, hash: rosterGenesis(store) }
  const signerId = Uint8Array.from(Buffer.from(by.operator.operatorId, 'hex'))
  return signStatement(by.seed, store, hash, { seq: seq + 1, signerId, body: JSON.stringify(change) })
}
const state = (roster: Roster | null, by: Person, change: RosterChange): Roster | null =>
  foldStatement(STORE, roster, sign(roster, by, change))
const must = (roster: Roster | null): Roster => {
  if (roster === null) throw new Error('the statement does not hold')
  return roster
}
const founded = must(state(null, ADA, FOUNDING))
const add = (roster: Roster, { operator }: Person) => must(state(roster, ADA, { kind: 'operator', operator }))
const staffed = add(add(founded, BEN), EVE)
const remove = ({ operator }: Person): RosterChange => ({ kind: 'removal', operatorId: operator.operatorId, at: NOW })

describe('the founder’s statement', () => {
  test('is valid for the store whose id was made with their key, and sets the first member and keys', () => {
    expect(founded).toMatchObject({ members: [{ ...ADA.operator, removedAt: null }], policy: DEFAULT_POLICY })
    expect(founded.keys).toEqual([commitToKeys(KEYS, 1)])
  })

  test.each<[string, Person, RosterChange]>([
    ['of somebody else', BEN, { ...FOUNDING, operator: { ...BEN.operator, role: 'admin' } }],
    ['with another salt', ADA, { ...FOUNDING, salt: 'ab'.repeat(16) }],
    ['with a salt that is none', ADA, { ...FOUNDING, salt: 'xyz' }],
    ['with a key that is none', ADA, { ...FOUNDING, operator: { ...ADA.operator, signKey: asHexId('aa') } }],
    ['of a founder who is no admin', ADA, { ...FOUNDING, operator: { ...ADA.operator, role: 'helpdesk' } }],
    ['in another’s name', ADA, { ...FOUNDING, operator: { ...ADA.operator, operatorId: BEN.operator.operatorId } }],
    ['that says something else', ADA, { kind: 'policy', key: 'caller.verification', value: 'off' }],
  ])('%s is invalid', (_, by, change) => {
    expect(state(null, by, change)).toBeNull()
  })

  test('is invalid if another key signed it, for another store, and a second time', () => {
    expect(foldStatement(STORE, null, sign(null, { ...ADA, seed: BEN.seed }, FOUNDING))).toBeNull()
    expect(foldStatement(filled(16, 1), null, sign(null, ADA, FOUNDING))).toBeNull()
    expect(state(founded, ADA, FOUNDING)).toBeNull()
  })
})

describe('a statement', () => {
  const promote: RosterChange = { kind: 'operator', operator: { ...BEN.operator, role: 'admin' } }
  const changes: RosterChange[] = [
    promote,
    { kind: 'operator', operator: ZED.operator },
    remove(ADA),
    { kind: 'keys', keys: commitToKeys(KEYS, 2) },
    { kind: 'policy', key: 'caller.verification', value: 'off' },
  ]

  test('of a signer who is no admin, is unknown or was removed is invalid', () => {
    const withoutZed = must(state(add(staffed, ZED), ADA, remove(ZED)))
    for (const change of changes) {
      expect(state(staffed, BEN, change)).toBeNull()
      expect(state(staffed, EVE, change)).toBeNull()
      expect(state(staffed, ZED, change)).toBeNull()
      expect(state(withoutZed, ZED, change)).toBeNull()
    }
    expect(state(staffed, ADA, promote)).not.toBeNull()
  })

  test('is invalid in another place, a second time, after a change, or signed by another key', () => {
    const first = sign(staffed, ADA, promote)
    const next = must(foldStatement(STORE, staffed, first))
    const second = sign(next, ADA, { kind: 'policy', key: 'caller.verification', value: 'off' })
    expect(foldStatement(STORE, next, second)).not.toBeNull()
    expect(foldStatement(STORE, staffed, second)).toBeNull()
    expect(foldStatement(STORE, next, first)).toBeNull()
    expect(foldStatement(STORE, staffed, { ...first, body: first.body.replace('admin', 'admin ') })).toBeNull()
    expect(foldStatement(STORE, staffed, sign(staffed, { ...ADA, seed: BEN.seed }, promote))).toBeNull()
  })

  test.each([
    ['no JSON', '{'],
    ['null', 'null'],
    ['an unknown kind', '{"kind":"decree"}'],
  ])('%s is invalid', (_, body) => {
    const signerId = Uint8Array.from(Buffer.from(ADA.operator.operatorId, 'hex'))
    const { seq, hash } = staffed.head
    const statement = signStatement(ADA.seed, STORE, hash, { seq: seq + 1, signerId, body })
    expect(foldStatement(STORE, staffed, statement)).toBeNull()
  })

  test('that leaves the desk without an admin, or brings a removed operator back, is invalid', () => {
    expect(state(staffed, ADA, remove(ADA))).toBeNull()
    expect(state(staffed, ADA, { kind: 'operator', operator: { ...ADA.operator, role: 'helpdesk' } })).toBeNull()
    const without = must(state(staffed, ADA, remove(BEN)))
    expect(findMember(without, BEN.operator.operatorId)?.removedAt).toBe(NOW)
    expect(state(without, ADA, { kind: 'operator', operator: BEN.operator })).toBeNull()
    expect(state(without, ADA, remove(BEN))).toBeNull()
    expect(
      state(staffed, ADA, { kind: 'operator', operator: { ...BEN.operator, signKey: ZED.operator.signKey } }),
    ).toBeNull()
    expect(state(staffed, ADA, remove(ZED))).toBeNull()
  })

  test('with a policy key or value of a newer keydesk is valid and changes nothing', () => {
    for (const [key, value] of [
      ['colour', 'blue'],
      ['caller.verification', 'maybe'],
    ] as const)
      expect(must(state(staffed, ADA, { kind: 'policy', key, value })).policy).toEqual(DEFAULT_POLICY)
  })
})

test('any sequence of statements leaves an admin, and only present admins make valid statements', () => {
  const people = [ADA, BEN, EVE, ZED]
  const step = fc.record({
    by: fc.nat(3),
    who: fc.nat(3),
    act: fc.constantFrom('admin', 'helpdesk', 'auditor', 'remove'),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let roster = founded
      for (const { by, who, act } of steps) {
        const signer = people[by] as Person
        const subject = people[who] as Person
        const change: RosterChange =
          act === 'remove'
            ? remove(subject)
            : { kind: 'operator', operator: { ...subject.operator, role: act as Role } }
        const before = findMember(roster, signer.operator.operatorId)
        const next = state(roster, signer, change)
        if (before?.role !== 'admin' || before.removedAt !== null) expect(next).toBeNull()
        roster = next ?? roster
        expect(presentMembers(roster).some(({ role }) => role === 'admin')).toBe(true)
      }
    }),
    { numRuns: 60 },
  )
})

describe('a request of an operator', () => {
  const by = ({ operator }: Person) => ({ now: NOW, operator })
  const memberOf = ({ operator }: Person): Member => ({ ...operator, removedAt: null })
  const outcome = (decision: { entry: { outcome: string } }) => decision.entry.outcome
  const verification = findPolicyKey('caller.verification') as PolicyKey

  test('is refused to every role but admin', () => {
    for (const who of [BEN, EVE]) {
      expect(outcome(decideAddOperator(staffed, ZED.operator, by(who)))).toBe('needs-admin')
      expect(outcome(decideRemoveOperator(staffed, memberOf(EVE), KEYS, by(who)))).toBe('needs-admin')
      expect(outcome(decideChangeRole(staffed, memberOf(EVE), 'admin', KEYS, by(who)))).toBe('needs-admin')
      expect(outcome(decideRekey(KEYS, by(who)))).toBe('needs-admin')
      expect(outcome(decideSetPolicy(DEFAULT_POLICY, verification, 'off', by(who), true))).toBe('needs-admin')
    }
  })

  test('brings new keys before it takes rights away, and no new keys otherwise', () => {
    expect(decideRemoveOperator(staffed, memberOf(BEN), KEYS, by(ADA)).changes.map(({ put }) => put)).toEqual([
      'keys',
      'removal',
    ])
    const puts = (member: Person, role: Role) =>
      decideChangeRole(staffed, memberOf(member), role, KEYS, by(ADA)).changes.map(({ put }) => put)
    expect(puts(BEN, 'auditor')).toEqual(['keys', 'operator'])
    expect(puts(BEN, 'admin')).toEqual(['operator'])
    expect(puts(EVE, 'helpdesk')).toEqual(['operator'])
  })

  test('to add an operator is refused if a present operator has the name', () => {
    const named = (name: string) => outcome(decideAddOperator(staffed, { ...ZED.operator, name }, by(ADA)))
    expect([named('BEN'), named('ben '), named('zed')]).toEqual(['operator-exists', 'ok', 'ok'])
    const without = must(state(staffed, ADA, remove(BEN)))
    expect(outcome(decideAddOperator(without, { ...ZED.operator, name: 'ben' }, by(ADA)))).toBe('ok')
    expect(outcome(decideAddOperator(without, { ...BEN.operator, name: 'ben two' }, by(ADA)))).toBe('operator-exists')
  })

  test('that would leave no admin is refused', () => {
    expect(outcome(decideRemoveOperator(staffed, memberOf(ADA), KEYS, by(ADA)))).toBe('last-admin')
    expect(outcome(decideChangeRole(staffed, memberOf(ADA), 'auditor', KEYS, by(ADA)))).toBe('last-admin')
    const two = add(staffed, ZED)
    expect(outcome(decideRemoveOperator(two, memberOf(ADA), KEYS, by(ADA)))).toBe('ok')
  })

  test('to require an app of all operators needs an own app', () => {
    const required = findPolicyKey('totp.required') as PolicyKey
    const set = (value: string, hasApp: boolean, policy = DEFAULT_POLICY) =>
      outcome(decideSetPolicy(policy, required, value, by(ADA), hasApp))
    expect([set('on', false), set('on', true), set('off', false)]).toEqual(['app-missing', 'ok', 'ok'])
    // If policy requires an app already, an admin who has lost their own may set the value again.
    expect(set('on', false, { ...DEFAULT_POLICY, totpRequired: true })).toBe('ok')
  })

  test('to set a policy value writes the text that is read back, and a bad value is in no refusal', () => {
    for (const key of POLICY_KEYS) {
      const standing = key.read(DEFAULT_POLICY)
      expect(key.write(DEFAULT_POLICY, standing)).toEqual(DEFAULT_POLICY)
      const bad = decideSetPolicy(DEFAULT_POLICY, key, 'a secret typed by mistake', by(ADA), true)
      expect(outcome(bad)).toBe('bad-value')
      expect(JSON.stringify(bad)).not.toContain('typed by mistake')
    }
  })
})
