/** Recovery codes of ten symbols, and marks: keyed hashes, each with its own label. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { encodeRecovery, markRecovery, markTrust, parseRecovery, RECOVERY_BYTES } from '../../src/crypto/recovery.ts'
import { counting, filled } from './fixtures.ts'

const SECRET = counting(7, 20)
const hmac = (label: string, rest: Uint8Array | string) =>
  createHmac('sha256', SECRET).update(`keydesk/v1/${label}\0`).update(rest).digest('hex')

test('a recovery code shows the first 50 bits in two groups', () => {
  expect(encodeRecovery(filled(RECOVERY_BYTES, 0))).toBe('00000-00000')
  expect(encodeRecovery(filled(RECOVERY_BYTES, 255))).toBe('ZZZZZ-ZZZZZ')
  expect(encodeRecovery(Uint8Array.of(0x08, 0x86, 0x42, 0x98, 0xe8, 0x4a, 0x80))).toBe('12345-6789A')
})

test('a recovery code is read in any spelling, and other text is refused', () => {
  for (const typed of ['12345-6789a', '12345 6789A', 'i2345-6789a', ' 1 2 3 4 5 6 7 8 9 a'])
    expect(parseRecovery(typed)).toBe('123456789A')
  for (const typed of ['', '123456', '12345-6789', '12345-6789AB', '12345-6789!'])
    expect(parseRecovery(typed)).toBeNull()
})

test('a mark is HMAC-SHA-256 under the secret of the app, with its own label', () => {
  expect(markRecovery(SECRET, '123456789A')).toBe(hmac('recovery', '123456789A'))
  expect(markTrust(SECRET, counting(1, 32))).toBe(hmac('trust', counting(1, 32)))
  expect(markTrust(counting(8, 20), counting(1, 32))).not.toBe(hmac('trust', counting(1, 32)))
})
