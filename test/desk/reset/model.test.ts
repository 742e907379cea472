/**
 * Resets in any order, compared with a model.
 * - The model was written from specification §6 alone and computes no codes.
 * - Model and decisions must agree on every request of every sequence.
 * - A confirmation code is given only for a genuine reset code, whatever the model says.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { deriveConfirmationCode } from '../../../src/crypto/codes.ts'
import type { Circumstances, Decision } from '../../../src/desk/decision.ts'
import { decideBlock, decideRetire, decideUnblock } from '../../../src/desk/device/decide.ts'
import type { Device, Operator } from '../../../src/desk/records/index.ts'
import { decideCheck, decideConfirm } from '../../../src/desk/reset/decide.ts'
import {
  ADA,
  ANNA,
  applyTo,
  BEN,
  codeOf,
  DAY_MS,
  DEVICE,
  hear,
  ID,
  inventionOf,
  NOW,
  policyOf,
  reasonOf,
  requestOf,
  SECRET,
  TAG,
} from '../fixtures.ts'

const MINUTE = 60_000
const OPERATORS = [ANNA, BEN, ADA]
const HEARD = ['nothing', 'unreadable', 'proposed', 'agreed'] as const

type Ask = {
  readonly act: 'confirm' | 'check' | 'block' | 'unblock' | 'retire'
  readonly passMs: number
  readonly who: number
  /** A small number, so that epochs repeat; below 0 for an invented code. */
  readonly epoch: number
  readonly heard: (typeof HEARD)[number]
  readonly verified: boolean
  readonly otherDevice: boolean
  readonly giveReason: boolean
}

const asks: fc.Arbitrary<Ask> = fc.record({
  // Codes are asked for far more often than devices are blocked. Retiring ends every sequence, so it is rare.
  act: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom('confirm' as const, 'check' as const) },
    { weight: 4, arbitrary: fc.constantFrom('block' as const, 'unblock' as const, 'unblock' as const) },
    { weight: 1, arbitrary: fc.constant('retire' as const) },
  ),
  passMs: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(0, 1, MINUTE, 5 * MINUTE, 10 * MINUTE) },
    { weight: 1, arbitrary: fc.constantFrom(-MINUTE, -DAY_MS, DAY_MS / 2, DAY_MS) },
  ),
  who: fc.nat(2),
  epoch: fc.oneof({ weight: 3, arbitrary: fc.nat(6) }, { weight: 2, arbitrary: fc.constant(-1) }),
  heard: fc.oneof(
    { weight: 5, arbitrary: fc.constant('nothing' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...HEARD) },
  ),
  verified: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  otherDevice: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  giveReason: fc.boolean(),
})

/** An admin unblocks a blocked device. At random this happens some six times in 400 runs, and may not happen at all. */
const UNBLOCKED: Ask[] = (['block', 'unblock'] as const).map((act) => ({
  act,
  passMs: 0,
  who: OPERATORS.indexOf(ADA),
  epoch: 0,
  heard: 'nothing',
  verified: true,
  otherDevice: false,
  giveReason: true,
}))

/** The state of the one device, as a clerk would note it. */
class Model {
  status: 'open' | 'blocked' | 'retired' = 'open'
  last: { epoch: number; at: number; by: number } | null = null
  wrong = { day: 0, count: 0 }

  act({ act, who }: Ask): string {
    if (act === 'unblock') {
      if (who !== 2) return 'needs-admin'
      if (this.status !== 'blocked')
        return this.status === 'retired' ? 'device-retired' : `device-${this.last === null ? 'invited' : 'active'}`
      this.wrong.count = 0
      this.status = 'open'
      return 'ok'
    }
    if (this.status === 'retired') return 'device-retired'
    this.status = act === 'block' ? 'blocked' : 'retired'
    return 'ok'
  }

  /** The reason of the first step that fails, or 'ok'. */
  hear(ask: Ask, now: number, required: boolean): string {
    if (ask.otherDevice) return 'other-device'
    if (this.status !== 'open') return this.status
    if (ask.epoch < 0) return this.#miss(ask, now)
    if (ask.heard === 'proposed') return 'corrected'
    const confirming = ask.act === 'confirm'
    if (confirming && required && !isVouchedFor(ask)) return 'caller-unverified'
    const last = this.last
    if (last !== null && ask.epoch < last.epoch) return 'old-epoch'
    if (!confirming) return 'ok'
    if (last?.epoch === ask.epoch) {
      const calledBack = last.by === ask.who && now >= last.at && now - last.at <= 10 * MINUTE
      return calledBack || (ask.who === 2 && ask.giveReason) ? 'ok' : 'confirmed-already'
    }
    this.last = { epoch: ask.epoch, at: now, by: ask.who }
    return 'ok'
  }

  #miss({ heard }: Ask, now: number): string {
    const today = Math.floor(now / DAY_MS)
    if (today > this.wrong.day) this.wrong = { day: today, count: 0 }
    if (++this.wrong.count >= 10) this.status = 'blocked'
    return heard === 'nothing' ? 'not-genuine' : 'misheard'
  }
}

/** True for a verified caller, and for an admin who gives a reason instead. */
const isVouchedFor = ({ verified, who, giveReason }: Ask): boolean => verified || (who === 2 && giveReason)

function decide(ask: Ask, device: Device, circumstances: Circumstances, required: boolean): Decision<unknown> {
  if (ask.act === 'block') return decideBlock(device, 'lost', circumstances)
  if (ask.act === 'unblock') return decideUnblock(device, circumstances)
  if (ask.act === 'retire') return decideRetire(device, circumstances)
  const code = ask.epoch < 0 ? inventionOf(1) : codeOf(ask.epoch)
  const request = requestOf(code, {
    heard: hear(code, ask.heard),
    namedDeviceId: ask.otherDevice ? 'ff'.repeat(16) : null,
    verifiedBy: ask.verified ? 'callback' : null,
    reason: ask.giveReason ? 'the call dropped' : null,
  })
  const policy = policyOf({ callerVerification: required ? 'required' : 'warn' })
  const state = { device, secret: SECRET }
  return ask.act === 'check'
    ? decideCheck(state, request, policy, circumstances)
    : decideConfirm(state, request, policy, circumstances)
}

test('the decisions agree with the specification for any requests in any order', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.array(asks, { minLength: 1, maxLength: 60 }), fc.boolean(), (sequence, required) => {
      const model = new Model()
      let device: Device = { ...DEVICE, state: 'invited' }
      let now = NOW
      for (const ask of sequence) {
        now += ask.passMs
        const before = model.last
        const decision = decide(ask, device, { now, operator: OPERATORS[ask.who] as Operator }, required)
        const expected = ask.act === 'confirm' || ask.act === 'check' ? model.hear(ask, now, required) : model.act(ask)
        expect(reasonOf(decision)).toBe(expected)
        seen.add(`${ask.act} ${expected}`)
        requireProof(ask, decision, before)
        device = applyTo(device, decision)
        expect(device.lastConfirmed?.epoch ?? null).toBe(model.last?.epoch ?? null)
        expect(device.wrongCodes).toEqual(model.wrong)
      }
    }),
    { numRuns: 400, examples: [[UNBLOCKED, false]] },
  )
  // Every answer must occur at least once. Otherwise it was never compared.
  const answers = ['ok', 'other-device', 'blocked', 'retired', 'not-genuine', 'misheard', 'corrected', 'old-epoch']
  expect([...seen]).toEqual(expect.arrayContaining(answers.flatMap((word) => [`confirm ${word}`, `check ${word}`])))
  expect([...seen]).toEqual(
    expect.arrayContaining([
      'confirm caller-unverified',
      'confirm confirmed-already',
      'unblock needs-admin',
      'unblock ok',
      'block ok',
      'retire ok',
    ]),
  )
})

/** Checks that a decision contains a confirmation code only if it confirmed a genuine code, and then of that epoch. */
function requireProof(ask: Ask, decision: Decision<unknown>, last: Model['last']): void {
  const codes = Array.from({ length: 7 }, (_, epoch) => deriveConfirmationCode(SECRET, { id: ID, tag: TAG, epoch }))
  const given = codes.filter((code) => JSON.stringify(decision).includes(code))
  const answered = ask.act === 'confirm' && !('refusal' in decision)
  expect(given).toEqual(answered ? [codes[ask.epoch]] : [])
  if (!answered) return
  expect(ask.epoch).toBeGreaterThanOrEqual(last?.epoch ?? 0)
  expect(decision.entry.details['repeated']).toBe(last?.epoch === ask.epoch)
}
