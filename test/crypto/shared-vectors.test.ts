/**
 * The vectors that every implementation of the exchange must meet.
 * They are read from this repository, so that a clone needs nothing else.
 * If the originals lie beside the clone, as in CI, each copy must equal its original to the byte.
 */
import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import {
  deriveConfirmationCode,
  deriveDeskWordNumbers,
  deriveDeskWords,
  deriveResetCode,
  isGenuine,
  readResetCode,
} from '../../src/crypto/codes.ts'
import { authenticate } from '../../src/crypto/hmac.ts'
import { decodeInvitation, encodeInvitation } from '../../src/crypto/invitation.ts'
import { asDeviceSecret, deriveSubkey, encodeDeviceState } from '../../src/crypto/keys.ts'
import { derivePin } from '../../src/crypto/pin.ts'
import { openSlot, sealSlot } from '../../src/crypto/slot.ts'
import { parseSpoken, stripHyphens } from '../../src/crypto/spoken.ts'
import { bip39English } from '../../src/crypto/words.ts'
import {
  type CodeVector,
  codeOf,
  hex,
  type InvitationVector,
  type PinVector,
  SHARED_NAMES,
  type SlotVector,
  type SpokenVector,
  sharedVectors,
  toHex,
  utf8,
  VECTORS,
} from './fixtures.ts'

const ORIGINALS = new URL('../../../shared/vectors/', import.meta.url)

describe.skipIf(!existsSync(ORIGINALS))('each copy equals its original', () => {
  test.each(SHARED_NAMES)('%s.json', (name) => {
    const copy = readFileSync(new URL(`shared/${name}.json`, VECTORS))
    expect(copy.equals(readFileSync(new URL(`${name}.json`, ORIGINALS)))).toBe(true)
  })
})

/** A vector file that was emptied by mistake must not pass. */
test('each file has the expected number of vectors', () => {
  expect(SHARED_NAMES.map((name) => sharedVectors(name).length)).toEqual([49, 3, 36, 21, 48])
})

describe('codes.json', () => {
  test.each(sharedVectors<CodeVector>('codes'))('$resetCode → $confirmationCode', (vector) => {
    const secret = asDeviceSecret(hex(vector.secret))
    const state = { id: hex(vector.id), tag: vector.tag, epoch: vector.epoch }
    const resetKey = deriveSubkey(secret, state.id, 'reset')
    expect(toHex(resetKey)).toBe(vector.resetKey)
    expect(toHex(deriveSubkey(secret, state.id, 'confirm'))).toBe(vector.confirmKey)
    expect(toHex(authenticate(resetKey, encodeDeviceState(state)))).toBe(vector.resetMac)
    expect(deriveResetCode(secret, state)).toBe(vector.resetCode)
    expect(deriveConfirmationCode(secret, state)).toBe(vector.confirmationCode)
    expect(deriveDeskWordNumbers(secret, state)).toEqual(vector.deskWordNumbers)
    expect(deriveDeskWords(secret, state)).toEqual(vector.deskWordNumbers.map((n) => bip39English()[n]))

    const code = codeOf(vector.resetCode, 'reset')
    expect(readResetCode(code)).toEqual({ tag: vector.tag, epoch: vector.epoch })
    expect(isGenuine(secret, state.id, code)).toBe(true)
  })
})

describe('spoken.json', () => {
  test.each(sharedVectors<SpokenVector>('spoken'))('$input as $kind: $expect', (vector) => {
    const parsed = parseSpoken(vector.input, vector.kind)
    if (vector.expect === 'ok') return expect(parsed).toEqual({ ok: true, code: vector.normal })
    expect(parsed.ok).toBe(false)
    if (vector.badCharacterAt !== undefined)
      expect(parsed).toMatchObject({ why: 'character', at: vector.badCharacterAt })
    if (vector.wrongAt === undefined) return
    expect(parsed).toMatchObject({
      why: 'check',
      proposal: { corrections: [{ at: vector.wrongAt, shouldBe: vector.shouldBe }] },
    })
  })
})

describe('slots.json', () => {
  test.each(sharedVectors<SlotVector>('slots'))('$kind, logN $logN: $expect', (vector) => {
    const { kind, logN } = vector
    const [typed, context] = [hex(vector.p), hex(vector.ctx)]
    const opened = openSlot(typed, hex(vector.slot), { kind, context, logN })
    if (vector.expect !== 'ok') return expect(opened).toEqual({ ok: false, why: vector.expect })
    const payload = hex(vector.payload as string)
    expect(opened).toEqual({ ok: true, payload })
    const salt = hex(vector.salt as string)
    expect(toHex(sealSlot(typed, payload, { kind, context, salt, logN }))).toBe(vector.slot)
  })
})

describe('invitations.json', () => {
  test.each(sharedVectors<InvitationVector>('invitations'))('$user, tag $tag', (vector) => {
    const { tag, organisation, user, pinAllowed } = vector
    const invitation = decodeInvitation(vector.invitation)
    if (invitation === null) return expect.unreachable('the invitation was refused')
    expect(invitation).toMatchObject({ id: hex(vector.id), tag, organisation, user, pinAllowed })
    expect(encodeInvitation(invitation)).toBe(vector.invitation)
    const typed = utf8(stripHyphens(codeOf(vector.enrolmentCode, 'enrol')))
    const opened = openSlot(typed, invitation.slot, { kind: 'enrolment', context: invitation.id, logN: 17 })
    expect(opened).toEqual({ ok: true, payload: hex(vector.secret) })
  })
})

describe('pins.json', () => {
  it.each(sharedVectors<PinVector>('pins'))('$user at $minute for $audience: $pin', (vector) => {
    const id = hex(vector.id)
    const key = deriveSubkey(asDeviceSecret(hex(vector.secret)), id, 'pin')
    const audience = vector.audience === 1 ? 'device' : 'desk'
    expect(derivePin(key, { id, audience, minute: vector.minute, user: vector.user })).toBe(vector.pin)
  })
})
