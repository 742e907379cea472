/** Tests the encoding of keyrings and operators' keys. A value that is not exactly valid decodes to null. */
import { expect, test } from 'vitest'
import {
  decodeKeyring,
  decodeOperatorKeys,
  drawKeyring,
  drawOperatorKeys,
  encodeKeyring,
  encodeOperatorKeys,
  type Keyring,
  keyOfGeneration,
  newestKey,
  openKeyring,
  publicKeysOf,
  sealKeyring,
} from '../../src/store/keyring.ts'
import { filled, flipBit, hex } from '../crypto/fixtures.ts'
import { expectRefusal, seededRandom } from './fixtures.ts'

const random = seededRandom('keyring')
const keys = drawOperatorKeys(random)
const { boxKey } = publicKeysOf(keys)
const key = (byte: number) => filled(32, byte)
const KEYRING: Keyring = {
  directory: [
    { generation: 1, key: key(1) },
    { generation: 3, key: key(3) },
  ],
  secrets: [{ generation: 3, key: key(4) }],
}
const TEXT = Buffer.from(key(1)).toString('base64url')

test('a keyring is the same after encoding to JSON and back, and after sealing and opening', () => {
  expect(decodeKeyring(JSON.parse(JSON.stringify(encodeKeyring(KEYRING))))).toEqual(KEYRING)
  expect(openKeyring(sealKeyring(KEYRING, hex(boxKey), random), keys.boxSecret)).toEqual(KEYRING)
  const drawn = drawKeyring(['directory', 'secrets', 'admin'], random)
  expect(Object.keys(drawn)).toEqual(['directory', 'secrets', 'admin'])
  expect(new Set(Object.values(drawn).map(([one]) => one?.key.join())).size).toBe(3)
})

test('a box that was changed, or sealed to another operator, opens to null', () => {
  const sealed = sealKeyring(KEYRING, hex(boxKey), random)
  for (let at = 0; at < sealed.length; at++) expect(openKeyring(flipBit(sealed, at), keys.boxSecret)).toBeNull()
  expect(openKeyring(sealed, drawOperatorKeys(random).boxSecret)).toBeNull()
  expect(openKeyring(new Uint8Array(0), keys.boxSecret)).toBeNull()
})

test.each([
  ['null', null],
  ['text', 'directory'],
  ['a list', []],
  ['an unknown section', { other: [[1, TEXT]] }],
  ['the name of a prototype', JSON.parse(`{"__proto__": [[1, "${TEXT}"]]}`)],
  ['a section without keys', { directory: [] }],
  ['a section that is no list', { directory: { 0: [1, TEXT] } }],
  ['no pair', { directory: [1] }],
  ['null for a pair', { directory: [null] }],
  ['a generation below 1', { directory: [[0, TEXT]] }],
  ['a generation that is no integer', { directory: [[1.5, TEXT]] }],
  ['a generation that is text', { directory: [['1', TEXT]] }],
  [
    'generations that fall',
    {
      directory: [
        [2, TEXT],
        [1, TEXT],
      ],
    },
  ],
  [
    'one generation twice',
    {
      directory: [
        [1, TEXT],
        [1, TEXT],
      ],
    },
  ],
  ['a key that is too short', { directory: [[1, TEXT.slice(4)]] }],
  ['a key that is no base64url', { directory: [[1, `${TEXT}=`]] }],
  ['no key', { directory: [[1]] }],
])('%s is no keyring', (_, encoded) => expect(decodeKeyring(encoded)).toBeNull())

test('the newest key is found, each key by its generation; a missing generation or section is refused', async () => {
  expect(newestKey(KEYRING, 'directory')).toEqual({ generation: 3, key: key(3) })
  expect(keyOfGeneration(KEYRING, 'directory', 1)).toEqual(key(1))
  await expectRefusal('damaged', 'unknown-generation', () => keyOfGeneration(KEYRING, 'directory', 2))
  await expectRefusal('refused', 'no-section-key', () => keyOfGeneration(KEYRING, 'admin', 1))
  await expectRefusal('refused', 'no-section-key', () => newestKey(KEYRING, 'admin'))
})

test('an operator’s keys are the same after encoding to the payload of a slot and back', () => {
  const payload = encodeOperatorKeys(keys)
  expect(payload).toHaveLength(64)
  expect(decodeOperatorKeys(keys.operatorId, payload)).toEqual(keys)
  for (const length of [0, 32, 63]) expect(decodeOperatorKeys(keys.operatorId, payload.subarray(0, length))).toBeNull()
  expect(decodeOperatorKeys(keys.operatorId, new Uint8Array(65))).toBeNull()
})
