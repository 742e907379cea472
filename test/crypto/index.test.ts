/** What the core offers to others: names that stay, since a device may be built on them. */
import { expect, test } from 'vitest'
import * as core from '../../src/crypto/index.ts'

test('the names of the library', () => {
  expect(Object.keys(core).sort()).toEqual([
    'INVITATION_PREFIX',
    'LAST_EPOCH',
    'asDeviceSecret',
    'chainEntry',
    'checkEntry',
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
    'genesisHash',
    'hashEntry',
    'isGenuine',
    'normalizeUser',
    'openSlot',
    'parseSpoken',
    'placeOf',
    'readResetCode',
    'sealSlot',
    'stripHyphens',
  ])
})
