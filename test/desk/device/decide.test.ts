/**
 * Devices at the desk, and the operators' own decisions.
 * The tests cover the actions that each role and each state allow, and their audit entries.
 */
import { describe, expect, test } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import {
  decideBlock,
  decideInvite,
  decideRetire,
  decideUnblock,
  type InviteRequest,
} from '../../../src/desk/device/decide.ts'
import { decideInit, decideUnlock } from '../../../src/desk/operator.ts'
import type { Device, DeviceState } from '../../../src/desk/records/index.ts'
import { ADA, ANNA, applyTo, DEVICE, NOW, reasonOf, SECRET } from '../fixtures.ts'

const STATES: DeviceState[] = ['invited', 'active', 'blocked', 'retired']
const SUBJECT = { kind: 'device', id: DEVICE.deviceId, name: 'iPhone', user: 'zoe@example.ch' }
const LAST = { epoch: 4, at: NOW, operator: ANNA.operatorId }

const deviceIn = (state: DeviceState, given: Partial<Device> = {}): Device => ({
  ...DEVICE,
  state,
  blockedFor: state === 'blocked' ? 'lost' : null,
  ...given,
})

describe('inviting', () => {
  const request: InviteRequest = {
    deviceId: DEVICE.deviceId,
    tag: DEVICE.tag,
    secret: SECRET,
    user: 'zoe@example.ch',
    name: 'iPhone',
    platform: 'android',
    model: 'Pixel 11',
    registeredBy: 'pin',
    pinAllowed: false,
    newUserId: asHexId('ab'.repeat(16)),
  }
  const user = { userId: asHexId('cd'.repeat(16)), name: 'Zoe@Example.ch', addedAt: 1, roles: [], removedAt: null }
  const device: Device = {
    ...DEVICE,
    platform: 'android',
    model: 'Pixel 11',
    registeredBy: 'pin',
    state: 'invited',
    invitedAt: NOW,
    invitedBy: ANNA.operatorId,
    pinAllowed: false,
  }

  test('adds the device with its secret, and its user if the desk does not know them', () => {
    const newUser = { userId: request.newUserId, name: 'zoe@example.ch', addedAt: NOW, roles: [], removedAt: null }
    expect(decideInvite(null, request, { now: NOW, operator: ANNA })).toEqual({
      changes: [
        { put: 'user', record: newUser },
        { put: 'device', record: device, secret: SECRET },
      ],
      entry: { action: 'device.invite', subject: SUBJECT, outcome: 'ok', details: { newUser: true } },
      answer: device,
    })
    const known = decideInvite(user, request, { now: NOW, operator: ANNA })
    expect(known.changes).toEqual([{ put: 'device', record: device, secret: SECRET }])
    expect(known.entry.details).toEqual({ newUser: false })
  })

  test('keeps the secret out of the record, the entry and the answer', () => {
    const decision = decideInvite(null, request, { now: NOW, operator: ANNA })
    if (!('answer' in decision)) throw new Error('refused')
    for (const told of [
      decision.entry,
      decision.answer,
      ...decision.changes.map((change) => ('record' in change ? change.record : change)),
    ]) {
      expect(told).not.toHaveProperty('secret')
      expect(JSON.stringify(told)).not.toContain(Buffer.from(SECRET).toString('hex'))
    }
  })
})

describe('blocking', () => {
  test.each(STATES)('of a device that is %s is refused only for a retired one', (state) => {
    const device = deviceIn(state)
    const decision = decideBlock(device, 'stolen', { now: NOW, operator: ANNA })
    expect(decision.entry).toEqual({
      action: 'device.block',
      subject: SUBJECT,
      outcome: reasonOf(decision),
      details: { reason: 'stolen' },
    })
    if (state === 'retired') {
      expect(decision).toMatchObject({ changes: [], refusal: { kind: 'refused', reason: 'device-retired' } })
      return
    }
    const record = { ...device, state: 'blocked', blockedFor: 'stolen' }
    expect(decision).toMatchObject({ changes: [{ put: 'device', record }], answer: record })
  })

  test('stores "no reason given" if the operator gives none', () => {
    expect(applyTo(DEVICE, decideBlock(DEVICE, null, { now: NOW, operator: ANNA })).blockedFor).toBe('no reason given')
  })

  test('changes nothing else in the device', () => {
    const device = deviceIn('active', { lastConfirmed: LAST, wrongCodes: { day: 9, count: 4 }, alarmAt: 7 })
    expect(applyTo(device, decideBlock(device, 'lost', { now: NOW, operator: ANNA }))).toEqual({
      ...device,
      state: 'blocked',
      blockedFor: 'lost',
    })
  })
})

describe('unblocking', () => {
  test.each(STATES)('of a device that is %s by an admin works only for a blocked one', (state) => {
    const device = deviceIn(state)
    const decision = decideUnblock(device, { now: NOW, operator: ADA })
    expect(decision.entry).toMatchObject({
      action: 'device.unblock',
      subject: SUBJECT,
      details: { blockedFor: device.blockedFor },
    })
    if (state === 'blocked') expect(reasonOf(decision)).toBe('ok')
    else expect(decision).toMatchObject({ changes: [], refusal: { kind: 'refused', reason: `device-${state}` } })
  })

  test.each(STATES)('of a device that is %s is refused to other roles', (state) => {
    for (const role of ['helpdesk', 'auditor'] as const) {
      const decision = decideUnblock(deviceIn(state), { now: NOW, operator: { ...ANNA, role } })
      expect(decision).toMatchObject({
        changes: [],
        refusal: { kind: 'refused', reason: 'needs-admin' },
        entry: { outcome: 'needs-admin' },
      })
    }
  })

  test('resets the count of wrong codes, and keeps the alarm and the last epoch', () => {
    const device = deviceIn('blocked', { wrongCodes: { day: 9, count: 10 }, lastConfirmed: LAST, alarmAt: 7 })
    const decision = decideUnblock(device, { now: NOW, operator: ADA })
    expect(applyTo(device, decision)).toEqual({
      ...device,
      state: 'active',
      blockedFor: null,
      wrongCodes: { day: 9, count: 0 },
    })
  })

  test('restores the state from before the block', () => {
    const fresh = deviceIn('blocked')
    expect(applyTo(fresh, decideUnblock(fresh, { now: NOW, operator: ADA })).state).toBe('invited')
    const used = deviceIn('blocked', { lastConfirmed: LAST })
    expect(applyTo(used, decideUnblock(used, { now: NOW, operator: ADA })).state).toBe('active')
  })
})

describe('retiring', () => {
  test.each(STATES)('of a device that is %s is refused only for a retired one', (state) => {
    const device = deviceIn(state, { lastConfirmed: LAST })
    const decision = decideRetire(device, { now: NOW, operator: ANNA })
    expect(decision.entry).toMatchObject({ action: 'device.retire', subject: SUBJECT, details: {} })
    if (state === 'retired')
      expect(decision).toMatchObject({ changes: [], refusal: { kind: 'refused', reason: 'device-retired' } })
    else expect(applyTo(device, decision)).toEqual({ ...device, state: 'retired', blockedFor: null })
  })
})

describe('operators', () => {
  test('the first admin founds the desk', () => {
    const record = { name: 'Röntgen AG', createdAt: NOW }
    expect(decideInit('Röntgen AG', { now: NOW, operator: ADA })).toEqual({
      changes: [{ put: 'organisation', record }],
      entry: {
        action: 'store.init',
        subject: { kind: 'operator', id: ADA.operatorId, name: 'ada', user: null },
        outcome: 'ok',
        details: { organisation: 'Röntgen AG' },
      },
      answer: record,
    })
  })

  test('unlocking changes nothing, and writes an audit entry with its time limit', () => {
    expect(decideUnlock(900, { now: NOW, operator: ANNA })).toEqual({
      changes: [],
      entry: {
        action: 'operator.unlock',
        subject: { kind: 'operator', id: ANNA.operatorId, name: 'anna', user: null },
        outcome: 'ok',
        details: { limitSeconds: 900 },
      },
      answer: ANNA,
    })
  })
})
