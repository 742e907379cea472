/** The one-time PIN: ten digits that begin with their minute, and differ for each device, user, minute and audience. */
import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { asDeviceSecret, deriveSubkey } from '../../src/crypto/keys.ts'
import {
  derivePin,
  findPinMinute,
  formatPin,
  isPin,
  minuteOf,
  normalizeUser,
  type PinRequest,
  parsePin,
} from '../../src/crypto/pin.ts'
import { counting, filled, flipBit, toHex } from './fixtures.ts'

const key = filled(32, 7)
const request: PinRequest = { id: counting(0xa0, 16), audience: 'device', minute: 29_863_512, user: 'alice' }

test('a PIN has ten digits, and the first four are its minute', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.string({ unit: 'binary' }), (minute, user) => {
      const pin = derivePin(key, { ...request, minute, user })
      expect(pin).toMatch(/^[0-9]{10}$/)
      expect(Number(pin.slice(0, 4))).toBe(minute % 10_000)
    }),
  )
})

test('a PIN follows the formula of §8, computed with node:crypto', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom('device', 'desk'), (minute, audience) => {
      const message = `${audience === 'device' ? '01' : '02'}${toHex(request.id)}${minute.toString(16).padStart(8, '0')}0005616c696365`
      const mac = createHmac('sha256', key).update(message, 'hex').digest('hex')
      const digits = (BigInt(`0x${mac.slice(0, 16)}`) % 1_000_000n).toString().padStart(6, '0')
      expect(derivePin(key, { ...request, minute, audience }).slice(4)).toBe(digits)
    }),
  )
})

test.each<Partial<PinRequest>>([
  { audience: 'desk' },
  { minute: request.minute + 10_000 },
  { user: 'alicf' },
  { id: flipBit(request.id, 0) },
])('%o gives other digits', (change) => {
  expect(derivePin(key, { ...request, ...change }).slice(4)).not.toBe(derivePin(key, request).slice(4))
})

test('an argument out of range is refused by name', () => {
  expect(() => derivePin(filled(31, 7), request)).toThrow('pin key: 32 bytes expected')
  expect(() => derivePin(key, { ...request, id: filled(15, 1) })).toThrow('device id: 16 bytes expected')
  expect(() => derivePin(key, { ...request, user: 'x'.repeat(65_536) })).toThrow(/^length of user: /)
  for (const minute of [-1, 0.5, 2 ** 32, Number.NaN]) {
    expect(() => derivePin(key, { ...request, minute })).toThrow('minute: an unsigned integer of 32 bits expected')
  }
})

describe('a user name', () => {
  test.each([
    ['  Alice ', 'alice'],
    ['ALICE', 'alice'],
    ['\tZoe\u0308\u00a0', 'zo\u00eb'],
    ['\ufeffbob\u2028', 'bob'],
    ['a b', 'a b'],
    ['\u0130', 'i\u0307'],
    ['\u039f\u0394\u039f\u03a3', '\u03bf\u03b4\u03bf\u03c2'],
  ])('%j is normalised to %j', (typed, normal) => {
    expect(normalizeUser(typed)).toBe(normal)
  })

  /** Regression: NFC was applied only before lower-casing. That left j ‖ caron, where other implementations have ǰ. */
  test('J with a caron, which has no capital of its own, is the same user in any spelling', () => {
    expect(normalizeUser('J\u030c')).toBe('\u01f0')
    expect(normalizeUser('\u01f0')).toBe('\u01f0')
    expect(derivePin(key, { ...request, user: 'J\u030c' })).toBe(derivePin(key, { ...request, user: '\u01f0' }))
  })

  test('is in NFC, has no space at its ends, and stays the same when normalised again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (user) => {
        const normal = normalizeUser(user)
        expect(normal.normalize('NFC')).toBe(normal)
        expect(normal.trim()).toBe(normal)
        expect(normalizeUser(normal)).toBe(normal)
        expect(normalizeUser(` ${user.normalize('NFD')}\n`)).toBe(normal)
      }),
      { numRuns: 2000 },
    )
  })

  test('stays the same when normalised again, for every character of Unicode', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const normal = normalizeUser(`a${String.fromCodePoint(point)}`)
      if (normalizeUser(normal) !== normal || normal.normalize('NFC') !== normal) expect.fail(`U+${point.toString(16)}`)
    }
  })
})

/** The PIN of §2 and §8 of the protocol, with node:crypto alone and HKDF written out: no code of src/ is used. */
function independentPin(secret: Buffer, id: Buffer, user: string, minute: number, audience: 1 | 2): string {
  const prk = createHmac('sha256', id).update(secret).digest()
  const subkey = createHmac('sha256', prk).update(Buffer.from('keydesk/v1/pin\x01')).digest()
  const name = Buffer.from(user.trim().normalize('NFC').toLowerCase().normalize('NFC'))
  const message = Buffer.alloc(1 + 16 + 4 + 2)
  message.writeUInt8(audience)
  id.copy(message, 1)
  message.writeUInt32BE(minute, 17)
  message.writeUInt16BE(name.length, 21)
  const mac = createHmac('sha256', subkey)
    .update(Buffer.concat([message, name]))
    .digest()
  const digits = `${mac.readBigUInt64BE() % 1_000_000n}`.padStart(6, '0')
  return `${minute % 10_000}`.padStart(4, '0') + digits
}

test('an independent implementation agrees on 1,000 random devices, users and minutes', () => {
  const draw = (i: number, what: string) => createHash('sha256').update(`${what} ${i}`).digest()
  const alphabet = [...'aZ9.@ -ÄößèJ\u030cſİΣς佐藤😀e\u0301ﬁ']
  for (let i = 0; i < 1000; i++) {
    const [secret, id] = [draw(i, 'secret'), draw(i, 'id').subarray(0, 16)]
    const letters = [...draw(i, 'user')].slice(0, 1 + (i % 20))
    const user = letters.map((byte) => alphabet[byte % alphabet.length]).join('')
    const minute = draw(i, 'minute').readUInt32BE()
    const key = deriveSubkey(asDeviceSecret(new Uint8Array(secret)), new Uint8Array(id), 'pin')
    for (const [number, audience] of [
      [1, 'device'],
      [2, 'desk'],
    ] as const) {
      const theirs = independentPin(secret, id, user, minute, number)
      expect(derivePin(key, { id, audience, minute, user })).toBe(theirs)
      expect(isPin(key, { id, audience, minute, user }, theirs)).toBe(true)
    }
  }
})

test('a PIN is read with or without groups, and only as ten ASCII digits', () => {
  for (const typed of ['3512963739', '35129-63739', ' 35129 63739\n', '35 12 96 37 39'])
    expect(parsePin(typed)).toBe('3512963739')
  for (const typed of [
    '',
    '351296373',
    '35129637390',
    '35129O3739',
    '３５１２９６３７３９',
    '٣٥١٢٩٦٣٧٣٩',
    '35129.63739',
  ])
    expect(parsePin(typed), typed).toBeNull()
  expect(formatPin('3512963739')).toBe('35129-63739')
})

describe('the minute that four digits mean', () => {
  const find = (minute: number, now: number, ttl: number) =>
    findPinMinute(`${String(minute % 10_000).padStart(4, '0')}000000`, now, ttl)

  test('is in [now − ttl, now + 5], both ends included', () => {
    const now = 29_863_512
    for (const [minute, ttl, found] of [
      [now, 1440, true],
      [now - 1440, 1440, true],
      [now - 1441, 1440, false],
      [now + 5, 1440, true],
      [now + 6, 1440, false],
      [now - 60, 60, true],
      [now - 61, 60, false],
    ] as const)
      expect(find(minute, now, ttl), `${minute - now}`).toBe(found ? minute : null)
  })

  test('is right on both sides of the 10,000-minute wrap, and never before 1970', () => {
    for (let now = 29_860_000 - 10; now < 29_860_000 + 1450; now += 7)
      for (const back of [-5, 0, 1, 9, 10, 11, 1440]) expect(find(now - back, now, 1440)).toBe(now - back)
    expect(find(9_999, 3, 1440)).toBeNull()
    expect(find(0, 3, 1440)).toBe(0)
  })

  test('is unique, because a lifetime outside 1 to 1440 minutes is refused', () => {
    for (const ttl of [0, -1, 1441, Number.NaN]) expect(() => find(1, 1, ttl)).toThrow('ttlMinutes')
  })

  test('is counted from 1970 in UTC', () => {
    expect(minuteOf(59_999)).toBe(0)
    expect(minuteOf(60_000)).toBe(1)
  })
})
