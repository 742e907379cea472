/**
 * Sealed records, and messages sealed to an operator.
 * Each opens only unchanged, under its own key. A record also opens only in its own place.
 */
import { hkdfSync } from 'node:crypto'
import { hsalsa } from '@noble/ciphers/salsa.js'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import {
  type CollectionContext,
  deriveBoxKeys,
  deriveCollectionKey,
  openAsOperator,
  openBox,
  openRecord,
  sealBox,
  sealRecord,
  sealToOperator,
} from '../../src/crypto/seal.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const sectionKey = filled(32, 1)
const nonce = counting(0, 24)
const message = utf8('{"name":"iPad of Zo\u00eb"}')
const context: CollectionContext = {
  storeId: counting(0x50, 16),
  section: 'directory',
  generation: 3,
  collection: 'device',
}
const id = counting(0xa0, 16)
const key = deriveCollectionKey(sectionKey, context)
const sealed = sealRecord(key, message, id, nonce)

/** Copies with one flipped bit: bits 0, 3 and 7 of each byte. */
const flips = (bytes: Uint8Array) =>
  Array.from(bytes, (_, at) => [0, 3, 7].map((bit) => flipBit(bytes, at, bit))).flat()

describe('secretbox', () => {
  test('matches the vector of the NaCl distribution (tests/secretbox.c)', () => {
    const first = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389')
    const naclNonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37')
    const plain = hex(
      'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129' +
        '6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde' +
        '048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
    )
    const box = hex(
      'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a' +
        'c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae' +
        '90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74' +
        'e355a5',
    )
    expect(toHex(sealBox(first, plain, naclNonce))).toBe(toHex(box))
    expect(openBox(first, box, naclNonce)).toEqual(plain)
    expect(openBox(first, flipBit(box, 20), naclNonce)).toBeNull()
    expect(openBox(first, box.subarray(0, 15), naclNonce)).toBeNull()
  })
})

describe('opening a box', () => {
  const key = counting(1, 32)
  const nonce = counting(7, 24)

  test('gives the result of secretbox.open of tweetnacl at many lengths', () => {
    for (const length of [...new Array(300).keys(), 991, 992, 993, 1024, 5000]) {
      const message = counting(length, length)
      const box = sealBox(key, message, nonce)
      expect(openBox(key, box, nonce)).toEqual(message)
      expect(nacl.secretbox.open(box, nonce, key)).toEqual(message)
    }
  })

  test('gives null if the box was changed, cut short, or sealed under another key or nonce', () => {
    const box = sealBox(key, counting(0, 40), nonce)
    for (const flipped of flips(box)) expect(openBox(key, flipped, nonce)).toBeNull()
    for (let length = 0; length < box.length; length++) expect(openBox(key, box.subarray(0, length), nonce)).toBeNull()
    expect(openBox(flipBit(key, 3), box, nonce)).toBeNull()
    expect(openBox(key, box, flipBit(nonce, 20))).toBeNull()
    expect(openBox(key, box, nonce)).toEqual(counting(0, 40))
  })

  test('refuses a key or a nonce of a wrong length by name', () => {
    const box = sealBox(key, counting(0, 4), nonce)
    expect(() => openBox(key.subarray(1), box, nonce)).toThrow('key: 32 bytes expected')
    expect(() => openBox(key, box, nonce.subarray(1))).toThrow('nonce: 24 bytes expected')
  })
})

describe('a sealed record', () => {
  test('is 01 ‖ nonce ‖ secretbox, under the key HSalsa20(collection key by HKDF, id)', () => {
    const info = Buffer.concat([
      utf8('keydesk/store/1/records'),
      hex('0009'),
      utf8('directory'),
      hex('00000003'),
      hex('0006'),
      utf8('device'),
    ])
    expect(toHex(key)).toBe(Buffer.from(hkdfSync('sha256', sectionKey, context.storeId, info, 32)).toString('hex'))
    // HSalsa20 of another library, which takes keys and inputs as 32-bit words.
    const words = (bytes: Uint8Array) => new Uint32Array(bytes.slice().buffer)
    const made = new Uint32Array(8)
    hsalsa(words(utf8('expand 32-byte k')), words(key), words(id), made)
    const recordKey = new Uint8Array(made.buffer)
    expect(toHex(sealed)).toBe(`01${toHex(nonce)}${toHex(nacl.secretbox(message, nonce, recordKey))}`)
    expect(openRecord(key, sealed, id)).toEqual(message)
  })

  test.each<[string, Partial<CollectionContext>]>([
    ['store', { storeId: flipBit(context.storeId, 0) }],
    ['section', { section: 'secrets' }],
    ['generation', { generation: 4 }],
    ['collection', { collection: 'devices' }],
    ['section and collection that look alike in a row', { section: 'directoryd', collection: 'evice' }],
  ])('does not open when it is moved to another %s', (_, change) => {
    const there = deriveCollectionKey(sectionKey, { ...context, ...change })
    expect(openRecord(there, sealed, id)).toBeNull()
    expect(openRecord(key, sealRecord(there, message, id, nonce), id)).toBeNull()
  })

  test('does not open when it is moved to another id', () => {
    for (let at = 0; at < 16; at++) {
      const other = flipBit(id, at)
      expect(openRecord(key, sealed, other)).toBeNull()
      expect(openRecord(key, sealRecord(key, message, other, nonce), id)).toBeNull()
    }
  })

  test('does not open under another key', () => {
    for (let at = 0; at < 32; at++) {
      expect(openRecord(flipBit(key, at), sealed, id)).toBeNull()
      expect(openRecord(deriveCollectionKey(flipBit(sectionKey, at), context), sealed, id)).toBeNull()
    }
  })

  test('does not open with any byte of it changed, taken away or added', () => {
    for (const changed of flips(sealed)) expect(openRecord(key, changed, id)).toBeNull()
    for (let length = 0; length < sealed.length; length++) {
      expect(openRecord(key, sealed.subarray(0, length), id)).toBeNull()
    }
    expect(openRecord(key, Uint8Array.of(...sealed, 0), id)).toBeNull()
  })

  test('may be empty', () => {
    const empty = sealRecord(key, new Uint8Array(0), id, nonce)
    expect(empty).toHaveLength(41)
    expect(openRecord(key, empty, id)).toEqual(new Uint8Array(0))
  })

  test('opens to the bytes that were sealed, for any bytes and place', () => {
    const place = fc.record({ at: fc.uint8Array({ minLength: 16, maxLength: 16 }), generation: fc.nat() })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), place, (record, { at, generation }) => {
        const there = deriveCollectionKey(sectionKey, { ...context, generation })
        expect(openRecord(there, sealRecord(there, record, at, nonce), at)).toEqual(record)
      }),
    )
  })

  test('refuses an argument of a wrong length or range by name', () => {
    expect(() => sealRecord(key, message, id, filled(23, 1))).toThrow('nonce: 24 bytes expected')
    expect(() => sealRecord(filled(31, 1), message, id, nonce)).toThrow('collection key: 32 bytes expected')
    expect(() => openRecord(filled(0, 1), sealed, id)).toThrow('collection key: 32 bytes expected')
    expect(() => sealRecord(key, message, id.subarray(1), nonce)).toThrow('id: 16 bytes expected')
    expect(() => openRecord(key, sealed, Uint8Array.of(...id, 0))).toThrow('id: 16 bytes expected')
    const derive = (key: Uint8Array, change: Partial<CollectionContext>) => () =>
      deriveCollectionKey(key, { ...context, ...change })
    expect(derive(filled(31, 1), {})).toThrow('section key: 32 bytes expected')
    expect(derive(sectionKey, { storeId: filled(0, 1) })).toThrow('store id: 16 bytes expected')
    expect(derive(sectionKey, { generation: -1 })).toThrow(/^generation: /)
    const long = 'x'.repeat(65_536)
    expect(derive(sectionKey, { section: long })).toThrow(/^length of section: /)
    expect(derive(sectionKey, { collection: long })).toThrow(/^length of collection: /)
  })
})

describe('a message sealed to an operator', () => {
  const operator = deriveBoxKeys(counting(0x20, 32))
  const ephemeralSecret = counting(0x60, 32)
  const parcel = sealToOperator(operator.publicKey, message, ephemeralSecret, nonce)

  test('uses the key pairs of RFC 7748 §6.1', () => {
    const alice = deriveBoxKeys(hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'))
    expect(toHex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
  })

  test('is 01 ‖ ephemeral key ‖ nonce ‖ box', () => {
    const ephemeral = nacl.box.keyPair.fromSecretKey(ephemeralSecret)
    const box = nacl.box(message, nonce, operator.publicKey, ephemeralSecret)
    expect(toHex(parcel)).toBe(`01${toHex(ephemeral.publicKey)}${toHex(nonce)}${toHex(box)}`)
    expect(openAsOperator(operator.secretKey, parcel)).toEqual(message)
  })

  test('opens under no other key, not even under the key of its sender', () => {
    expect(openAsOperator(counting(0x21, 32), parcel)).toBeNull()
    expect(openAsOperator(ephemeralSecret, parcel)).toBeNull()
  })

  test('does not open with any byte of it changed, taken away or added', () => {
    for (const changed of flips(parcel)) expect(openAsOperator(operator.secretKey, changed)).toBeNull()
    for (let length = 0; length < parcel.length; length++) {
      expect(openAsOperator(operator.secretKey, parcel.subarray(0, length))).toBeNull()
    }
    expect(openAsOperator(operator.secretKey, Uint8Array.of(...parcel, 0))).toBeNull()
  })

  test('may be empty', () => {
    const empty = sealToOperator(operator.publicKey, new Uint8Array(0), ephemeralSecret, nonce)
    expect(empty).toHaveLength(73)
    expect(openAsOperator(operator.secretKey, empty)).toEqual(new Uint8Array(0))
  })

  test.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000080',
  ])('is not made for the key of small order %s', (publicKey) => {
    const anybody = nacl.box(message, nonce, hex(publicKey), filled(32, 9))
    expect(nacl.box.open(anybody, nonce, hex(publicKey), ephemeralSecret)).toEqual(message)
    expect(() => sealToOperator(hex(publicKey), message, ephemeralSecret, nonce)).toThrow(
      new TypeError('public key: small order'),
    )
  })
})
