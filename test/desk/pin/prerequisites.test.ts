/** Issuing a PIN: it succeeds only if every prerequisite is met. Otherwise the refusal names exactly the unmet ones. */
import { describe, expect, it } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { decideIssue, type IssueRequest } from '../../../src/desk/pin/decide.ts'
import { listPrerequisites } from '../../../src/desk/pin/prerequisites.ts'
import type { Device, User } from '../../../src/desk/records/index.ts'
import { ANNA, DEVICE, NOW, policyOf, SECRET } from '../fixtures.ts'

const READY: Device = { ...DEVICE, registeredBy: 'pin' }
const ROLE = 'reset-secure-apps-passcode'
const USER: User = {
  userId: asHexId('ab'.repeat(16)),
  name: 'zoe@example.ch',
  addedAt: 0,
  roles: [ROLE],
  removedAt: null,
}
const OPEN = policyOf({
  'licence.web': true,
  'device.ios.passcodeRequired': true,
  'device.ios.allowRecovery': true,
})
const REQUEST: IssueRequest = { audience: 'device', ttlMinutes: null, delivered: 'read-out' }
const circumstances = { now: NOW, operator: ANNA, newestAt: NOW }

type World = { user: User; device: Device; policy: typeof OPEN }
/** For each prerequisite a change that makes it unmet, in the order of the list. */
const TAKE_AWAY: readonly (readonly [name: string, take: (world: World) => World])[] = [
  ['role', (world) => ({ ...world, user: { ...world.user, roles: [] } })],
  ['licence', (world) => ({ ...world, policy: { ...world.policy, 'licence.web': false } })],
  [
    'ios-passcode-required',
    (world) => ({ ...world, policy: { ...world.policy, 'device.ios.passcodeRequired': false } }),
  ],
  ['ios-recovery-allowed', (world) => ({ ...world, policy: { ...world.policy, 'device.ios.allowRecovery': false } })],
  ['registered-by-pin', (world) => ({ ...world, device: { ...world.device, registeredBy: 'password' } })],
  ['invitation-allows-pin', (world) => ({ ...world, device: { ...world.device, pinAllowed: false } })],
  ['device-open', (world) => ({ ...world, device: { ...world.device, state: 'blocked', blockedFor: 'lost' } })],
]

function issue({ user, device, policy }: World, request = REQUEST) {
  return decideIssue({ user, device, secret: SECRET }, request, policy, circumstances)
}

describe('all combinations of the prerequisites', () => {
  const world: World = { user: USER, device: READY, policy: OPEN }
  const combinations = Array.from({ length: 2 ** TAKE_AWAY.length }, (_, bits) =>
    TAKE_AWAY.filter((_, i) => (bits >> i) & 1),
  )

  it('give a PIN in exactly one of 128 cases, and otherwise name exactly the unmet prerequisites', () => {
    let issued = 0
    for (const taken of combinations) {
      const decision = issue(taken.reduce((now, [, take]) => take(now), world))
      const expected = taken.map(([name]) => name)
      if ('answer' in decision) {
        expect(expected).toEqual([])
        issued++
        continue
      }
      const { kind, reason, details } = decision.refusal
      expect([kind, reason]).toEqual(['refused', 'prerequisites'])
      const listed = (details as { prerequisites: { name: string; met: boolean; hint: string | null }[] }).prerequisites
      expect(listed.map(({ name }) => name)).toEqual(TAKE_AWAY.map(([name]) => name))
      expect(listed.filter(({ met }) => !met).map(({ name }) => name)).toEqual(expected)
      for (const { met, hint } of listed) expect(hint === null).toBe(met)
      expect(decision.changes).toEqual([])
    }
    expect(issued).toBe(1)
  })

  it('give a PIN for the desk even without the flag, which concerns only the app', () => {
    const forDesk = { ...REQUEST, audience: 'desk' } as const
    for (const taken of combinations) {
      const decision = issue(
        taken.reduce((now, [, take]) => take(now), world),
        forDesk,
      )
      expect('answer' in decision).toBe(taken.every(([name]) => name === 'invitation-allows-pin'))
    }
  })
})

const unmet = (device: Device, policy = OPEN, user = USER) =>
  listPrerequisites(user, device, 'device', policy).filter(({ met }) => !met)

describe('a prerequisite', () => {
  it('of iOS applies to a device of unknown platform, and not to an Android device', () => {
    const closed = policyOf({ 'licence.docs': true })
    const names = (device: Device) => unmet(device, closed).map(({ name }) => name)
    expect(names({ ...READY, platform: 'android' })).toEqual([])
    expect(names({ ...READY, platform: null })).toEqual(['ios-passcode-required', 'ios-recovery-allowed'])
  })

  it.each(['licence.appconnect', 'licence.docs', 'licence.web'] as const)('of a licence is met by %s alone', (key) => {
    expect(unmet(READY, policyOf({ ...OPEN, 'licence.web': false, [key]: true }))).toEqual([])
  })

  it('uses the own policy of the device before that of the organisation', () => {
    const own = { ...READY, ownPolicy: { 'device.ios.allowRecovery': false } }
    expect(unmet(own).map(({ name }) => name)).toEqual(['ios-recovery-allowed'])
    expect(
      unmet({ ...READY, ownPolicy: { 'licence.docs': true } }, policyOf({ ...OPEN, 'licence.web': false })),
    ).toEqual([])
  })

  it('tells the operator to use the password if the device was registered with one', () => {
    const decision = issue({
      user: { ...USER, roles: [] },
      device: { ...READY, registeredBy: 'password' },
      policy: OPEN,
    })
    expect('refusal' in decision && decision.refusal.hint).toContain('name and password')
  })

  it('puts no name into its hint that a shell would read as more than one word', () => {
    const hints = (name: string) => unmet({ ...READY, state: 'retired' }, OPEN, { ...USER, name, roles: [] })
    for (const name of ["zoe'; rm -rf ~; '", '-rf', 'a b', '$(id)', 'zoë'])
      for (const { hint } of hints(name)) expect(hint).not.toContain(name)
    expect(hints('zoe-b@example.ch')[0]?.hint).toBe(`keydesk user grant zoe-b@example.ch ${ROLE}`)
  })
})
