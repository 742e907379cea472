/** The exported names of the core. They must stay, because a device can be built on them. */
import { expect, test } from 'vitest'
import * as core from '../../src/crypto/index.ts'
import { counting, filled } from './fixtures.ts'

test('the core exports exactly these names', () => {
  expect(Object.keys(core).sort()).toEqual([
    'INVITATION_PREFIX',
    'LAST_EPOCH',
    'LONGEST_PIN_MINUTES',
    'PIN_SKEW_MINUTES',
    'WRONG_PINS',
    'asDeviceSecret',
    'chainEntry',
    'checkEntry',
    'coverEntry',
    'decodeInvitation',
    'deriveConfirmationCode',
    'deriveDeskWordNumbers',
    'deriveDeskWords',
    'derivePin',
    'deriveResetCode',
    'deriveSubkey',
    'encodeDeviceState',
    'encodeInvitation',
    'encodeSpoken',
    'findPinMinute',
    'formatPin',
    'genesisHash',
    'hashEntry',
    'isCovered',
    'isGenuine',
    'isPin',
    'minuteOf',
    'normalizeUser',
    'openSlot',
    'parsePin',
    'parseSpoken',
    'placeOf',
    'readResetCode',
    'sealSlot',
    'stripHyphens',
  ])
})

test('returned bytes have their own buffer, so that a caller cannot read other secrets in it', () => {
  const [secret, id] = [core.asDeviceSecret(counting(1, 32)), counting(7, 16)]
  const state = { id, tag: 5, epoch: 3 }
  const seal = { kind: 'enrolment', context: id, salt: filled(16, 9), logN: 4 } as const
  const slot = core.sealSlot(counting(0, 15), secret, seal)
  const opened = core.openSlot(counting(0, 15), slot, seal)
  const content = { seq: 1, operatorId: id, generation: 1, digest: filled(256, 1), body: filled(300, 2) }
  const entry = core.chainEntry(filled(32, 3), id, core.genesisHash(id), content)
  const text = core.encodeInvitation({ id, tag: 5, slot, organisation: 'Zürich', user: 'zoe', pinAllowed: false })
  const read = core.decodeInvitation(text)
  const all = [slot, entry.hash, entry.signature, core.genesisHash(id), core.encodeDeviceState(state)]
  const more = [core.deriveSubkey(secret, id, 'reset'), opened.ok && opened.payload, read?.id, read?.slot]
  for (const bytes of [...all, ...more]) {
    expect(bytes).toBeInstanceOf(Uint8Array)
    expect((bytes as Uint8Array).buffer.byteLength).toBeLessThan(256)
  }
})
