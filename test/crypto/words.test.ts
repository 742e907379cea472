/** The desk words' list is the standard's, to the byte: another order would have the desk and the device say different words. */
import { createHash } from 'node:crypto'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { expect, test } from 'vitest'
import { bip39English } from '../../src/crypto/words.ts'

test('is the list of BIP-39, word by word', () => {
  expect(bip39English()).toEqual(wordlist)
})

test('has the SHA-256 that its file names', () => {
  const lines = bip39English().map((word) => `${word}\n`)
  const digest = createHash('sha256').update(lines.join('')).digest('hex')
  expect(digest).toBe('2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda')
})

test('has 2,048 words that differ in their first four letters', () => {
  expect(bip39English()).toHaveLength(2048)
  expect(new Set(bip39English().map((word) => word.slice(0, 4))).size).toBe(2048)
  expect(bip39English().every((word) => /^[a-z]{3,8}$/.test(word))).toBe(true)
})

test('is split once', () => {
  expect(bip39English()).toBe(bip39English())
})
