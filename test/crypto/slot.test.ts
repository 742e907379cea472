/**
 * Slots.
 * - The three refusals (malformed, wrong, damaged) are told apart byte by byte.
 * - A malformed slot is refused before scrypt. A work factor of 2^32 proves it: the step before scrypt throws a
 *   RangeError on it. So a result instead of an exception means that scrypt was not reached.
 */
import { scryptSync } from 'node:crypto'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test } from 'vitest'
import {
  openSlot,
  type SlotKind,
  type SlotSeal,
  type Stretcher,
  sealSlot,
  sealSlotBy,
  slotLength,
} from '../../src/crypto/slot.ts'
import { counting, filled, flipBit, hex, toHex, utf8 } from './fixtures.ts'

const typed = utf8('7F122VGB8H71GVF')
const payload = filled(32, 0x5a)
const context = counting(0xa0, 22)
const salt = counting(0x10, 16)
const seal: SlotSeal = { kind: 'recovery', context, salt, logN: 10 }
const open = { kind: 'recovery', context, logN: 10 } as const
const slot = sealSlot(typed, payload, seal)
const KIND_BYTES: Record<SlotKind, number> = { password: 1, recovery: 2, operator: 3, enrolment: 4 }

test('a slot is the same if the caller runs scrypt, and is not made if that fails', async () => {
  const stretcher: Stretcher = async (...given) => new Uint8Array(scryptSync(...given))
  expect(await sealSlotBy(stretcher, typed, payload, seal)).toEqual(slot)
  await expect(sealSlotBy(stretcher, typed, payload.subarray(1), seal)).rejects.toThrow(/^payload: /)
  await expect(sealSlotBy(() => Promise.reject(new Error('no memory')), typed, payload, seal)).rejects.toThrow('no mem')
})

test('a slot is 01 ‖ kind ‖ logN ‖ salt ‖ commit ‖ secretbox, as the standard functions give it', () => {
  for (const [kind, byte] of Object.entries(KIND_BYTES) as [SlotKind, number][]) {
    const bound = Buffer.concat([utf8('keydesk/v1/slot\0'), Uint8Array.of(byte), context, salt])
    const okm = scryptSync(typed, bound, 64, { N: 1024, r: 8, p: 1 })
    const box = nacl.secretbox(payload, new Uint8Array(24), okm.subarray(0, 32))
    const expected = `01${toHex(Uint8Array.of(byte))}0a${toHex(salt)}${okm.toString('hex', 32)}${toHex(box)}`
    expect(toHex(sealSlot(typed, payload, { ...seal, kind }))).toBe(expected)
  }
  expect(slot).toHaveLength(99)
  expect(slotLength(32)).toBe(99)
})

test('a slot opens with the code that sealed it', () => {
  expect(openSlot(typed, slot, open)).toEqual({ ok: true, payload })
  expect(openSlot(typed, Buffer.from(slot), open)).toEqual({ ok: true, payload })
})

describe('the result is "wrong"', () => {
  const wrong = { ok: false, why: 'wrong' }

  test('for any other code', () => {
    for (const other of ['', '7F122VGB8H71GVG', '7f122vgb8h71gvf', '7F122-VGB8H-71GVF', '7F122VGB8H71GVFx']) {
      expect(openSlot(utf8(other), slot, open)).toEqual(wrong)
    }
  })

  test('for any other context: another id, tag or epoch', () => {
    for (let at = 0; at < context.length; at++) {
      expect(openSlot(typed, slot, { ...open, context: flipBit(context, at) })).toEqual(wrong)
    }
    expect(openSlot(typed, slot, { ...open, context: context.subarray(0, 16) })).toEqual(wrong)
  })

  test('for a slot with a changed kind byte that is opened as that kind', () => {
    expect(openSlot(typed, Uint8Array.from(slot).fill(1, 1, 2), { ...open, kind: 'password' })).toEqual(wrong)
  })
})

test('a flipped bit in each of the 99 bytes gives the refusal of that part', () => {
  const seen = Array.from(slot, (_, at) => openSlot(typed, flipBit(slot, at, at % 8), open)).map((r) =>
    r.ok ? 'ok' : r.why,
  )
  expect(seen).toEqual([
    ...new Array(3).fill('malformed'),
    ...new Array(16 + 32).fill('wrong'),
    ...new Array(48).fill('damaged'),
  ])
})

describe('a malformed slot is refused before scrypt:', () => {
  const endless = { ...open, logN: 32 }
  const header = (version: number, kind: number, logN: number, length = 99) => {
    const bytes = filled(length, 7)
    bytes.set([version, kind, logN].slice(0, length))
    return bytes
  }
  const malformed = { ok: false, why: 'malformed' }

  test('in contrast, a slot with a valid header gets further and throws on the work factor', () => {
    expect(() => openSlot(typed, header(1, 2, 32), endless)).toThrow(
      new RangeError('logN: an unsigned integer of 5 bits expected'),
    )
  })

  test.each([
    ['a version of 0', header(0, 2, 32)],
    ['a version of 2', header(2, 2, 32)],
    ['the kind of a password', header(1, 1, 32)],
    ['the kind of an operator', header(1, 3, 32)],
    ['the kind of an enrolment', header(1, 4, 32)],
    ['a kind that does not exist', header(1, 5, 32)],
    ['a larger work factor', header(1, 2, 33)],
    ['a smaller work factor', header(1, 2, 10)],
    ['one byte too few', header(1, 2, 32, 98)],
    ['one byte too many', header(1, 2, 32, 100)],
    ['a header and no more', header(1, 2, 32, 3)],
    ['nothing', header(1, 2, 32, 0)],
  ])('%s', (_, bytes) => {
    expect(openSlot(typed, bytes, endless)).toEqual(malformed)
  })

  test('a work factor that is valid but not the expected one', () => {
    expect(openSlot(typed, slot, { ...open, logN: 11 })).toEqual(malformed)
    expect(openSlot(typed, Uint8Array.from(slot).fill(31, 2, 3), open)).toEqual(malformed)
  })

  test('a payload other than 32 bytes, for the three kinds of the exchange', () => {
    for (const kind of ['password', 'recovery', 'enrolment'] as const) {
      for (const length of [0, 31, 33]) {
        expect(() => sealSlot(typed, filled(length, 1), { ...seal, kind })).toThrow('payload: 32 bytes expected')
        expect(openSlot(typed, header(1, KIND_BYTES[kind], 32, slotLength(length)), { ...endless, kind })).toEqual(
          malformed,
        )
      }
    }
  })

  test("an operator's slot that is shorter than its parts; its payload can have any length", () => {
    for (const length of [0, 1, 31, 200]) {
      const own = sealSlot(typed, filled(length, 3), { ...seal, kind: 'operator' })
      expect(own).toHaveLength(slotLength(length))
      expect(openSlot(typed, own, { ...open, kind: 'operator' })).toEqual({ ok: true, payload: filled(length, 3) })
    }
    const short = header(1, 3, 32, slotLength(0) - 1)
    expect(openSlot(typed, short, { ...endless, kind: 'operator' })).toEqual(malformed)
  })
})

describe('the nonce is always zero, so each box has its own key:', () => {
  const keyOf = (s: Uint8Array, kind: number) =>
    scryptSync(typed, Buffer.concat([utf8('keydesk/v1/slot\0'), Uint8Array.of(kind), context, s]), 64, {
      N: 1024,
      r: 8,
      p: 1,
    })

  test('another salt gives another key', () => {
    for (let at = 0; at < 16; at++) {
      const other = sealSlot(typed, payload, { ...seal, salt: flipBit(salt, at) })
      expect(toHex(other.subarray(19, 51))).not.toBe(toHex(slot.subarray(19, 51)))
      expect(toHex(other.subarray(51))).not.toBe(toHex(slot.subarray(51)))
      expect(nacl.secretbox.open(other.subarray(51), new Uint8Array(24), keyOf(salt, 2).subarray(0, 32))).toBeNull()
    }
  })

  test('another kind with the same salt gives another key', () => {
    const other = sealSlot(typed, payload, { ...seal, kind: 'password' })
    expect(nacl.secretbox.open(other.subarray(51), new Uint8Array(24), keyOf(salt, 2).subarray(0, 32))).toBeNull()
    expect(nacl.secretbox.open(other.subarray(51), new Uint8Array(24), keyOf(salt, 1).subarray(0, 32))).toEqual(payload)
  })
})

test('a salt or a work factor out of range is refused by name', () => {
  for (const length of [0, 15, 17]) {
    expect(() => sealSlot(typed, payload, { ...seal, salt: filled(length, 1) })).toThrow('salt: 16 bytes expected')
  }
  for (const logN of [-1, 1.5, 32, Number.NaN])
    expect(() => sealSlot(typed, payload, { ...seal, logN })).toThrow(/^logN: /)
})

test('any typed text opens the slot that it sealed, and no other text does', () => {
  const secret = fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes))
  fc.assert(
    fc.property(secret, secret, fc.uint8Array({ minLength: 32, maxLength: 32 }), (right, other, key) => {
      const sealed = sealSlot(right, key, { ...seal, logN: 1 })
      expect(openSlot(right, sealed, { ...open, logN: 1 })).toEqual({ ok: true, payload: key })
      const same = toHex(right) === toHex(other)
      expect(openSlot(other, sealed, { ...open, logN: 1 }).ok).toBe(same)
    }),
  )
})

/** A property of scrypt: HMAC pads its key with zeros. For this reason no program may accept a typed U+0000. */
test('a zero byte at the end of the typed text is ignored', () => {
  expect(openSlot(Uint8Array.of(...typed, 0), slot, open)).toEqual({ ok: true, payload })
  expect(openSlot(Uint8Array.of(0, ...typed), slot, open).ok).toBe(false)
})

test('random bytes are refused without an exception', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.uint8Array({ minLength: 96, maxLength: 96 }).map((b) => hex(`01020a${toHex(b)}`)),
  )
  fc.assert(fc.property(bytes, (b) => !openSlot(typed, b, open).ok))
})
