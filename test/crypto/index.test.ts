/** What the core offers to others: names that stay, since a device may be built on them. */
import { expect, test } from 'vitest'
import * as core from '../../src/crypto/index.ts'

test('the names of the library', () => {
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
