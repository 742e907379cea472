/**
 * The chain of the roster.
 * - The signature of a statement covers all its parts and its place in the chain.
 * - The id of a store is bound to its founder's key.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import {
  checkStatement,
  commitToKey,
  deriveStoreId,
  hashStatement,
  rosterGenesis,
  type SignedStatement,
  signStatement,
} from '../../src/crypto/roster.ts'
import { derivePublicKey } from '../../src/crypto/signature.ts'
import { counting, filled, flipBit, hex, toHex } from './fixtures.ts'

const SEED = counting(1, 32)
const KEY = derivePublicKey(SEED)
const STORE = counting(0x50, 16)
const STATEMENT = { seq: 1, signerId: counting(0x90, 16), body: '{"kind":"policy","key":"Ö"}' }
const GENESIS = { seq: 0, hash: rosterGenesis(STORE) }
const signed = signStatement(SEED, STORE, GENESIS.hash, STATEMENT)
const check = (change: Partial<SignedStatement>, key = KEY, store = STORE, previous = GENESIS) =>
  checkStatement(key, store, previous, { ...signed, ...change })

test('a statement is hashed as the formula says', () => {
  const body = Buffer.from(STATEMENT.body)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const message = Buffer.concat([
    Buffer.from('keydesk/roster/1\0'),
    STORE,
    createHash('sha256').update('keydesk/roster/1/genesis\0').update(STORE).digest(),
    Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]),
    STATEMENT.signerId,
    length,
    body,
  ])
  expect(toHex(hashStatement(STORE, GENESIS.hash, STATEMENT))).toBe(createHash('sha256').update(message).digest('hex'))
  expect(check({})).toEqual(hashStatement(STORE, GENESIS.hash, STATEMENT))
})

describe('a statement is refused with', () => {
  test.each<[string, () => unknown]>([
    ['another sequence', () => check({ seq: 2 })],
    ['another signer', () => check({ signerId: flipBit(STATEMENT.signerId, 3) })],
    ['another body', () => check({ body: `${STATEMENT.body} ` })],
    ['another signature', () => check({ signature: flipBit(signed.signature, 10) })],
    ['another key', () => check({}, derivePublicKey(counting(2, 32)))],
    ['a key of small order', () => check({}, filled(32, 0))],
    ['another store', () => check({}, KEY, flipBit(STORE, 0))],
    ['another statement before it', () => check({}, KEY, STORE, { seq: 0, hash: filled(32, 7) })],
    ['a place further on', () => check({}, KEY, STORE, { seq: 1, hash: GENESIS.hash })],
  ])('%s', (_, made) => {
    expect(made()).toBeNull()
  })
})

test('a store’s id is the hash of its founder’s key and a salt', () => {
  const salt = counting(7, 16)
  const digest = createHash('sha256').update('keydesk/store/1/id\0').update(KEY).update(salt).digest('hex')
  expect(toHex(deriveStoreId(KEY, salt))).toBe(digest.slice(0, 32))
  expect(deriveStoreId(flipBit(KEY, 9), salt)).not.toEqual(deriveStoreId(KEY, salt))
  expect(deriveStoreId(KEY, flipBit(salt, 9))).not.toEqual(deriveStoreId(KEY, salt))
})

test('the commitment to a key covers its section and generation', () => {
  const commitments = [
    commitToKey(SEED, 'secrets', 1),
    commitToKey(SEED, 'secrets', 2),
    commitToKey(SEED, 'directory', 1),
    commitToKey(flipBit(SEED, 0), 'secrets', 1),
  ]
  expect(new Set(commitments.map(toHex)).size).toBe(4)
  const message = Buffer.concat([Buffer.from('keydesk/roster/1/key\0\0\u0007secrets'), hex('00000001'), SEED])
  expect(toHex(commitToKey(SEED, 'secrets', 1))).toBe(createHash('sha256').update(message).digest('hex'))
})

test.each<[string, () => unknown]>([
  ['founder key', () => deriveStoreId(filled(31, 1), filled(16, 1))],
  ['salt', () => deriveStoreId(KEY, filled(15, 1))],
  ['store id', () => rosterGenesis(filled(15, 1))],
  ['store id', () => hashStatement(filled(17, 1), GENESIS.hash, STATEMENT)],
  ['previous hash', () => hashStatement(STORE, filled(31, 1), STATEMENT)],
  ['signer id', () => hashStatement(STORE, GENESIS.hash, { ...STATEMENT, signerId: filled(15, 1) })],
  ['section key', () => commitToKey(filled(31, 1), 'secrets', 1)],
])('a %s of a wrong length is refused by name', (what, made) => {
  expect(made).toThrow(new RegExp(`^${what}: `))
})
