/**
 * The import of devices and users.
 * - The same file a second time changes nothing, and the order of its lines does not matter.
 * - One bad line keeps all other lines out.
 * - Fixed rules match a line to a device. An import never changes the owner, tag, secret or PIN flag of a known device.
 */

import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { normalizeUser } from '../../../src/crypto/pin.ts'
import { decideInviteAgain } from '../../../src/desk/device/decide.ts'
import { countPlan, decideImport, deviceBytes, drawDevices, userBytes } from '../../../src/desk/import/devices.ts'
import { indexDevices } from '../../../src/desk/import/match.ts'
import { planImport } from '../../../src/desk/import/plan.ts'
import type { DeviceRow, UserRow } from '../../../src/desk/import/rows.ts'
import { decideImportUsers, newNames, planUsers } from '../../../src/desk/import/users.ts'
import type { Device, User } from '../../../src/desk/records/index.ts'
import { seededRandom } from '../../store/fixtures.ts'
import { ADA, ANNA, DEVICE, NOW, reasonOf } from '../fixtures.ts'

type Desk = {
  readonly devices: readonly Device[]
  readonly users: readonly User[]
  readonly secrets: Map<string, Uint8Array>
}
const EMPTY: Desk = { devices: [], users: [], secrets: new Map() }

const rowOf = (given: Partial<DeviceRow> = {}): DeviceRow => {
  const user = given.user ?? 'zoe@example.ch'
  return {
    line: 2,
    owner: normalizeUser(user),
    name: 'iPhone',
    platform: null,
    model: null,
    osVersion: null,
    appVersion: null,
    registeredBy: null,
    pinAllowed: null,
    managementId: null,
    deviceId: null,
    tag: null,
    secret: null,
    ...given,
    user,
  }
}
const numbered = (rows: readonly Partial<DeviceRow>[]) => rows.map((row, i) => rowOf({ ...row, line: i + 2 }))

const plan = (rows: readonly DeviceRow[], { devices, users, secrets }: Desk = EMPTY) =>
  planImport(rows, { devices: indexDevices(devices), users: new Set(users.map(({ name }) => name)), secrets })

function importInto(desk: Desk, rows: readonly DeviceRow[], operator = ADA, seed = 'import') {
  const random = seededRandom(seed)
  const made = plan(rows, desk)
  const devices = drawDevices(made, random(deviceBytes(made)), new Set(desk.devices.map(({ tag }) => tag)))
  const request = { plan: made, devices, userIds: random(userBytes(made.newUsers)), provisioning: false }
  const decision = decideImport(request, { now: NOW, operator })
  return { plan: made, decision, desk: apply(desk, decision.changes) }
}

function apply(desk: Desk, changes: ReturnType<typeof decideImport>['changes']): Desk {
  const devices = new Map(desk.devices.map((device) => [device.deviceId, device]))
  const users = new Map(desk.users.map((user) => [user.userId, user]))
  const secrets = new Map(desk.secrets)
  for (const change of changes) {
    if (change.put === 'device') devices.set(change.record.deviceId, change.record)
    if (change.put === 'device' && change.secret !== undefined) secrets.set(change.record.deviceId, change.secret)
    if (change.put === 'user') users.set(change.record.userId, change.record)
  }
  return { devices: [...devices.values()], users: [...users.values()], secrets }
}

/** Rows from few names, so that several rows often mean one device. */
const anyRows = fc
  .array(
    fc.record({
      user: fc.constantFrom('zoe', 'ZOE', 'max', 'zoe\u0308', 'zoë'),
      name: fc.constantFrom('iPhone', 'IPHONE', 'Tablet', null),
      model: fc.constantFrom(null, 'A', 'B'),
      platform: fc.constantFrom(null, 'ios', 'android'),
      osVersion: fc.constantFrom(null, '18', '19'),
      managementId: fc.constantFrom(null, null, 'm1', 'm2', 'm3', 'm4'),
    }),
    { maxLength: 6 },
  )
  .map((rows) => numbered(rows as Partial<DeviceRow>[]))
/** A desk that an import has filled, and on which some devices were retired later. */
const anyDesk = fc.tuple(anyRows, fc.array(fc.nat(5), { maxLength: 2 })).map(([rows, retired]) => {
  const { desk } = importInto(EMPTY, rows, ADA, 'before')
  const devices = desk.devices.map(
    (device, i): Device => (retired.includes(i) ? { ...device, state: 'retired' } : device),
  )
  return { ...desk, devices }
})

describe('any file, on any desk', () => {
  it('changes nothing the second time it is imported', () => {
    fc.assert(
      fc.property(anyDesk, anyRows, (before, rows) => {
        const first = importInto(before, rows)
        fc.pre(!('refusal' in first.decision))
        const again = importInto(first.desk, rows, ADA, 'again')
        expect(again.decision.changes).toEqual([])
        expect(again.plan.refused).toEqual([])
      }),
      { numRuns: 3000 },
    )
  })

  it('has the same result with its lines in any order', () => {
    fc.assert(
      fc.property(anyDesk, anyRows, fc.infiniteStream(fc.nat()), (before, rows, draws) => {
        const keys = new Map(rows.map((row) => [row, draws.next().value as number]))
        const shuffled = [...rows].sort((a, b) => (keys.get(a) as number) - (keys.get(b) as number))
        const told = (list: readonly DeviceRow[]) => {
          const { lines, refused, newUsers } = plan(list, before)
          const of = lines.map((each) => [each.row.line, each.what, 'record' in each ? each.record.deviceId : null])
          // Compared without the message: for two lines that mean one device, the message names the other line.
          const why = refused.map(({ line, reason }) => [line, reason])
          return { of: of.sort(), why: why.sort(), newUsers: [...newUsers].sort() }
        }
        expect(told(shuffled)).toEqual(told(rows))
      }),
      { numRuns: 3000 },
    )
  })

  it('is imported whole or not at all', () => {
    fc.assert(
      fc.property(anyDesk, anyRows, (before, rows) => {
        const { plan: made, decision, desk } = importInto(before, rows)
        const { added, changed, unchanged, retired, refused } = countPlan(made)
        expect(added + changed + unchanged + retired + refused).toBe(rows.length)
        expect('refusal' in decision).toBe(refused > 0)
        if (refused > 0) expect(desk).toEqual(before)
        else expect(desk.devices.length).toBe(before.devices.length + added)
        expect(new Set(desk.devices.map(({ tag }) => tag)).size).toBe(desk.devices.length)
        expect(desk.devices.every(({ deviceId }) => desk.secrets.get(deviceId)?.length === 32)).toBe(true)
      }),
    )
  })
})

const KNOWN: Desk = {
  devices: [{ ...DEVICE, managementId: 'm1' }],
  users: [],
  secrets: new Map([[DEVICE.deviceId, new Uint8Array(32).fill(7)]]),
}
const whats = (rows: readonly Partial<DeviceRow>[], desk: Desk = KNOWN) => {
  const { lines, refused } = plan(numbered(rows), desk)
  return [
    ...lines.map(({ row, what }) => [row.line, what]),
    ...refused.map(({ line, reason }) => [line, reason]),
  ].sort()
}

describe('a line means', () => {
  test.each<[string, Partial<DeviceRow>, string]>([
    ['the device with its management id, whatever it is called now', { managementId: 'm1', name: 'Renamed' }, 'change'],
    ['the device of that name, where it has no id', { name: 'IPHONE', model: 'iPhone 17' }, 'change'],
    ['the device with its own id', { deviceId: DEVICE.deviceId, name: 'iPhone' }, 'same'],
    ['another device, if the management says so', { managementId: 'm2' }, 'add'],
    ['another device, if it is another user’s', { user: 'max', name: 'iPhone' }, 'add'],
    ['nothing, for an id of another desk', { deviceId: asHexId('ff'.repeat(16)) }, 'unknown-device'],
    ['nothing, for a device that went to another user', { managementId: 'm1', user: 'max' }, 'other-user'],
    ['nothing, for another tag', { managementId: 'm1', tag: 5 }, 'other-tag'],
    ['nothing, for a tag without its secret', { name: 'New', tag: 5 }, 'tag-alone'],
    [
      'nothing, for another secret',
      { deviceId: DEVICE.deviceId, tag: DEVICE.tag, secret: new Uint8Array(32) },
      'other-secret',
    ],
    ['the same device, for the same secret', { deviceId: DEVICE.deviceId, secret: new Uint8Array(32).fill(7) }, 'same'],
    ['nothing, for another PIN flag', { managementId: 'm1', pinAllowed: false }, 'pin-flag'],
  ])('%s', (_, row, what) => {
    expect(whats([row])).toEqual([[2, what]])
  })

  it('a retired device, which does not come back', () => {
    const retired: Desk = { ...KNOWN, devices: [{ ...DEVICE, managementId: 'm1', state: 'retired' }] }
    expect(whats([{ managementId: 'm1' }], retired)).toEqual([[2, 'retired']])
    expect(whats([{ deviceId: DEVICE.deviceId }], retired)).toEqual([[2, 'retired']])
    expect(whats([{}], retired)).toEqual([[2, 'retired']])
    // For another user the line means a new device.
    expect(whats([{ managementId: 'm1', user: 'max' }], retired)).toEqual([[2, 'add']])
  })

  it('nothing, if two devices have its name', () => {
    const two: Desk = { ...KNOWN, devices: [DEVICE, { ...DEVICE, deviceId: asHexId('ee'.repeat(16)), tag: 3 }] }
    expect(whats([{}], two)).toEqual([[2, 'ambiguous-device']])
  })

  it('nothing, if another line means the same device: both are refused', () => {
    const double = [
      [2, 'same-device'],
      [3, 'same-device'],
    ]
    expect(whats([{ managementId: 'm1' }, { deviceId: DEVICE.deviceId }])).toEqual(double)
    expect(whats([{ name: 'New' }, { name: 'NEW' }])).toEqual(double)
    expect(
      whats([
        { managementId: 'm5', name: 'a' },
        { managementId: 'm5', name: 'b' },
      ]),
    ).toEqual(double)
  })
})

describe('devices that are enrolled elsewhere', () => {
  const brought = { deviceId: asHexId('cd'.repeat(16)), tag: 77, secret: new Uint8Array(32).fill(1) }

  it('keep their id, tag and secret, and are invited until their first reset', () => {
    const { desk } = importInto(EMPTY, [rowOf(brought)])
    expect(desk.devices).toMatchObject([{ deviceId: brought.deviceId, tag: 77, state: 'invited' }])
    expect(desk.secrets.get(brought.deviceId)).toBe(brought.secret)
  })

  it('are refused with the tag or the secret of another device', () => {
    const other = { deviceId: asHexId('ef'.repeat(16)), tag: 78, secret: new Uint8Array(32).fill(2), name: 'other' }
    expect(whats([brought, { ...other, tag: 77 }], EMPTY)).toEqual([
      [2, 'add'],
      [3, 'tag-taken'],
    ])
    expect(whats([brought, { ...other, secret: brought.secret }], EMPTY)).toEqual([
      [2, 'add'],
      [3, 'secret-taken'],
    ])
    expect(whats([{ ...other, tag: DEVICE.tag }])).toEqual([[2, 'tag-taken']])
  })

  it('keep their tags, and a drawn tag avoids them', () => {
    const random = new Uint8Array(52)
    const made = plan(numbered([{ ...brought, tag: 0 }, { name: 'new' }]))
    const drawn = drawDevices(made, new Uint8Array(deviceBytes(made)), new Set([1]))
    expect(random.length * 2).toBe(deviceBytes(made))
    expect(drawn.map(({ tag }) => tag)).toEqual([0, 2])
  })
})

describe('the decision', () => {
  it('needs an admin, and its audit entry has counts and no names', () => {
    const { decision } = importInto(EMPTY, numbered([{ name: 'a' }, { name: 'b' }]))
    expect(decision.entry).toEqual({
      action: 'device.import',
      subject: null,
      outcome: 'ok',
      details: { lines: 2, added: 2, changed: 0, unchanged: 0, newUsers: 1 },
    })
    expect(importInto(EMPTY, [rowOf()], ANNA).decision).toMatchObject({
      refusal: { reason: 'needs-admin' },
      changes: [],
    })
  })

  it('stores the time and the operator of the import in each device', () => {
    const { desk } = importInto(EMPTY, [rowOf({ managementId: 'm9' })])
    expect(desk.devices).toMatchObject([
      { invitedAt: NOW, invitedBy: ADA.operatorId, managementId: 'm9', pinAllowed: false },
    ])
    expect(desk.users).toMatchObject([{ name: 'zoe@example.ch', addedAt: NOW, roles: [] }])
  })

  it('lists every refused line', () => {
    const { decision } = importInto(KNOWN, numbered([{ managementId: 'm1', user: 'max' }, { name: 'New', tag: 4 }, {}]))
    expect(decision).toMatchObject({
      changes: [],
      entry: { outcome: 'refused-lines', details: { refused: 2 } },
      refusal: {
        kind: 'damaged',
        details: {
          refused: [
            { line: 2, reason: 'other-user' },
            { line: 3, reason: 'tag-alone' },
          ],
        },
      },
    })
  })
})

test('an invitation can be made again only for an invited device, and not by an auditor', () => {
  const by = { now: NOW, operator: ANNA }
  expect(decideInviteAgain({ ...DEVICE, state: 'invited' }, by)).toMatchObject({
    changes: [],
    answer: { deviceId: DEVICE.deviceId },
  })
  for (const state of ['active', 'blocked', 'retired'] as const)
    expect(reasonOf(decideInviteAgain({ ...DEVICE, state }, by))).toBe(`device-${state}`)
  expect(
    reasonOf(decideInviteAgain({ ...DEVICE, state: 'invited' }, { ...by, operator: { ...ANNA, role: 'auditor' } })),
  ).toBe('needs-helpdesk')
})

describe('users', () => {
  const ROLE = 'reset-secure-apps-passcode'
  const ZOE: User = { userId: asHexId('ab'.repeat(16)), name: 'zoe', addedAt: 0, roles: [ROLE], removedAt: null }
  const known = new Map([['zoe', ZOE]])
  const row = (line: number, user: string, roles: readonly string[] | null = null): UserRow => ({
    line,
    user,
    owner: normalizeUser(user),
    roles,
  })
  const decide = (rows: readonly UserRow[], operator = ADA) => {
    const made = planUsers(rows, known)
    return decideImportUsers(made, seededRandom('users')(userBytes(newNames(made))), { now: NOW, operator })
  }

  it('are added once, get the roles of the file, and keep their roles if the file gives none', () => {
    const decision = decide([row(2, 'Max', [ROLE]), row(3, 'max', [ROLE]), row(4, 'ZOE')])
    expect(decision.changes).toMatchObject([{ put: 'user', record: { name: 'max', roles: [ROLE], addedAt: NOW } }])
    expect(decision.entry.details).toEqual({ lines: 3, added: 1, changed: 0, unchanged: 2, granted: 1 })
    expect(decide([row(2, 'zoe', [])]).changes).toEqual([{ put: 'user', record: { ...ZOE, roles: [] } }])
    expect(decide([row(2, 'zoe', [ROLE])]).changes).toEqual([])
  })

  it('are all refused if two lines for one user disagree', () => {
    const decision = decide([row(2, 'max', [ROLE]), row(3, 'new'), row(4, 'max', [])])
    expect(decision).toMatchObject({ changes: [], refusal: { details: { refused: [{ line: 2 }, { line: 4 }] } } })
    expect(reasonOf(decide([row(2, 'max')], ANNA))).toBe('needs-admin')
  })
})
