/**
 * The list of the desk words equals BIP-39 to the byte.
 * With another order the desk and the device would say different words.
 */
import { createHash } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { expect, test } from 'vitest'
import { bip39English } from '../../src/crypto/words.ts'

test('the list equals BIP-39, word by word', () => {
  expect(bip39English()).toEqual(wordlist)
})

test('the list has the SHA-256 that its file names', () => {
  const lines = bip39English().map((word) => `${word}\n`)
  const digest = createHash('sha256').update(lines.join('')).digest('hex')
  expect(digest).toBe('2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda')
})

test('the list has 2,048 words that differ in their first four letters', () => {
  expect(bip39English()).toHaveLength(2048)
  expect(new Set(bip39English().map((word) => word.slice(0, 4))).size).toBe(2048)
  expect(bip39English().every((word) => /^[a-z]{3,8}$/.test(word))).toBe(true)
})

test('the list is split once and then cached', () => {
  expect(bip39English()).toBe(bip39English())
})
