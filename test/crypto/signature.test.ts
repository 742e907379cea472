/**
 * Ed25519 signatures: they match the standard, each purpose has its own label, and each signature has one valid form.
 * Keys of small order, under which anyone can sign, have their own file: `small-order.test.ts`.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import {
  createVerifier,
  derivePublicKey,
  hasSmallOrder,
  SIGNATURE_BYTES,
  signMessage,
  verifyMessage,
} from '../../src/crypto/signature.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const spki = (key: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([hex('302a300506032b6570032100'), key]), format: 'der', type: 'spki' })
const pkcs8 = (seed: Uint8Array) =>
  createPrivateKey({
    key: Buffer.concat([hex('302e020100300506032b657004220420'), seed]),
    format: 'der',
    type: 'pkcs8',
  })
const labelled = (label: string, message: Uint8Array) => Buffer.concat([utf8(`${label}\0`), message])

describe('RFC 8032 §7.1', () => {
  test.each([
    [
      'TEST 1',
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      'TEST 2',
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
    [
      'TEST 3',
      'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
      'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      'af82',
      '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
    ],
    [
      'TEST SHA(abc)',
      '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
      'ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf',
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
      'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704',
    ],
  ])('%s', (_, seed, publicKey, message, signature) => {
    expect(toHex(derivePublicKey(hex(seed)))).toBe(publicKey)
    expect(hasSmallOrder(hex(publicKey))).toBe(false)
    // Our signatures put a label before the message, so Node makes the signature of the standard. Ours is then compared
    // with Node's signature of the labelled message.
    expect(sign(null, hex(message), pkcs8(hex(seed))).toString('hex')).toBe(signature)
    expect(verify(null, hex(message), spki(hex(publicKey)), hex(signature))).toBe(true)
    const ours = signMessage(hex(seed), 'keydesk/test', hex(message))
    expect(toHex(ours)).toBe(sign(null, labelled('keydesk/test', hex(message)), pkcs8(hex(seed))).toString('hex'))
    expect(verifyMessage(hex(publicKey), 'keydesk/test', hex(message), ours)).toBe(true)
    expect(verifyMessage(hex(publicKey), 'keydesk/test', hex(message), hex(signature))).toBe(false)
  })
})

const seed = counting(1, 32)
const publicKey = derivePublicKey(seed)
const message = utf8('an entry')
const signature = signMessage(seed, 'keydesk/audit/1', message)

describe('a signature', () => {
  test('equals the signature of tweetnacl for the same key and message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array(), (anySeed, anyMessage) => {
        const pair = nacl.sign.keyPair.fromSeed(anySeed)
        const ours = signMessage(anySeed, 'label', anyMessage)
        expect(ours).toHaveLength(SIGNATURE_BYTES)
        expect(toHex(derivePublicKey(anySeed))).toBe(toHex(pair.publicKey))
        expect(toHex(ours)).toBe(
          toHex(nacl.sign.detached(Uint8Array.from(labelled('label', anyMessage)), pair.secretKey)),
        )
        expect(verifyMessage(pair.publicKey, 'label', anyMessage, ours)).toBe(true)
      }),
      { numRuns: 20 },
    )
  })

  test('is valid for its own label only, and no byte can move between label and message', () => {
    expect(verifyMessage(publicKey, 'keydesk/audit/1', message, signature)).toBe(true)
    expect(verifyMessage(publicKey, 'keydesk/audit/2', message, signature)).toBe(false)
    expect(verifyMessage(publicKey, '', message, signature)).toBe(false)
    expect(verifyMessage(publicKey, 'keydesk/audit/1a', utf8('n entry'), signature)).toBe(false)
  })

  test('is invalid if any byte of the signature, the message or the key is changed', () => {
    const holds = (key: Uint8Array, m: Uint8Array, s: Uint8Array) => verifyMessage(key, 'keydesk/audit/1', m, s)
    expect(holds(publicKey, message, signature)).toBe(true)
    for (let at = 0; at < 64; at++) expect(holds(publicKey, message, flipBit(signature, at, at % 8))).toBe(false)
    for (let at = 0; at < message.length; at++) expect(holds(publicKey, flipBit(message, at), signature)).toBe(false)
    for (let at = 0; at < 32; at++) expect(holds(flipBit(publicKey, at, at % 8), message, signature)).toBe(false)
  })

  test('is invalid with another length', () => {
    for (const length of [0, 63])
      expect(verifyMessage(publicKey, 'keydesk/audit/1', message, signature.subarray(0, length))).toBe(false)
    expect(verifyMessage(publicKey, 'keydesk/audit/1', message, Uint8Array.of(...signature, 0))).toBe(false)
  })

  test('has one form: S + L, which equals S modulo L, is refused', () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n
    const s = BigInt(`0x${toHex(signature.slice(32).reverse())}`) + L
    const other = Uint8Array.from([...signature.subarray(0, 32), ...hex(s.toString(16).padStart(64, '0')).reverse()])
    expect(verifyMessage(publicKey, 'keydesk/audit/1', message, other)).toBe(false)
  })

  test('is refused without an exception if the key is any other 32 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(verifyMessage(key, 'keydesk/audit/1', message, signature)).toBe(false)
      }),
    )
  })

  test('refuses keys of a wrong length by name', () => {
    expect(() => derivePublicKey(filled(31, 1))).toThrow('signing key: 32 bytes expected')
    expect(() => signMessage(filled(64, 1), 'label', message)).toThrow('signing key: 32 bytes expected')
    expect(() => verifyMessage(filled(33, 1), 'label', message, signature)).toThrow('public key: 32 bytes expected')
    expect(() => hasSmallOrder(filled(0, 1))).toThrow('public key: 32 bytes expected')
  })
})

describe('a verifier of many signatures', () => {
  const verifier = createVerifier(publicKey, 'keydesk/audit/1')

  test('gives for each signature the result of a single verification, in any order', async () => {
    const messages = Array.from({ length: 50 }, (_, i) => utf8(`entry ${i}`))
    const signatures = messages.map((one) => signMessage(seed, 'keydesk/audit/1', one))
    expect(await Promise.all(messages.map((one, i) => verifier(one, signatures[i] as Uint8Array)))).toEqual(
      messages.map(() => true),
    )
    expect(await Promise.all(messages.map((one) => verifier(one, signature)))).toEqual(messages.map(() => false))
  })

  test('refuses other labels, changed bytes, other lengths, and any other 32 bytes as a key', async () => {
    expect(await createVerifier(publicKey, 'keydesk/audit/2')(message, signature)).toBe(false)
    for (let at = 0; at < 64; at++) expect(await verifier(message, flipBit(signature, at, at % 8))).toBe(false)
    for (const length of [0, 63]) expect(await verifier(message, signature.subarray(0, length))).toBe(false)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 32, maxLength: 32 }), async (key) => {
        expect(await createVerifier(key, 'keydesk/audit/1')(message, signature)).toBe(false)
      }),
    )
    expect(() => createVerifier(filled(33, 1), 'label')).toThrow('public key: 32 bytes expected')
  })
})
