/** Accepting a reset code: the steps of specification §6 in order, the changes of each refusal, the audit entries. */
import { describe, expect, test } from 'vitest'
import { deriveConfirmationCode, deriveDeskWords } from '../../../src/crypto/codes.ts'
import { type SpokenCode, stripHyphens } from '../../../src/crypto/spoken.ts'
import { formatTag } from '../../../src/crypto/tag.ts'
import type { Decision } from '../../../src/desk/decision.ts'
import type { Device, Operator } from '../../../src/desk/records/index.ts'
import { DEFAULT_POLICY } from '../../../src/desk/records/policy.ts'
import {
  type ConfirmAnswer,
  type ConfirmRequest,
  decideCheck,
  decideConfirm,
  type ResetState,
} from '../../../src/desk/reset/decide.ts'
import type { EXIT_CODES } from '../../../src/errors.ts'
import {
  ADA,
  ANNA,
  applyTo,
  BEN,
  CORRECTION,
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

const CONFIRMED = { epoch: 4, at: NOW - DAY_MS, operator: BEN.operatorId }

/** The flaws that a request can have, in the order in which they must be reported. */
const FLAWS = [
  'unknown-tag',
  'other-device',
  'blocked',
  'retired',
  'not-genuine',
  'corrected',
  'caller-unverified',
  'old-epoch',
  'confirmed-already',
] as const
type Flaw = (typeof FLAWS)[number]
const KINDS: Record<Flaw, keyof typeof EXIT_CODES> = {
  'unknown-tag': 'notfound',
  'other-device': 'rejected',
  blocked: 'refused',
  retired: 'refused',
  'not-genuine': 'rejected',
  corrected: 'mistyped',
  'caller-unverified': 'refused',
  'old-epoch': 'rejected',
  'confirmed-already': 'refused',
}
/** Flaws that exclude each other: a device has one state, and an epoch is either old or the last one. */
const EXCLUSIVE: [Flaw, Flaw][] = [
  ['blocked', 'retired'],
  ['old-epoch', 'confirmed-already'],
]

type Case = { state: ResetState; request: ConfirmRequest; flaws: Flaw[] }

/** A state and a request with exactly these flaws. */
function createCase(flaws: Flaw[]): Case {
  const has = (flaw: Flaw) => flaws.includes(flaw)
  const state = has('blocked') ? 'blocked' : has('retired') ? 'retired' : 'active'
  const device: Device = { ...DEVICE, state, blockedFor: state === 'blocked' ? 'lost' : null, lastConfirmed: CONFIRMED }
  const epoch = has('old-epoch') ? 3 : has('confirmed-already') ? 4 : 5
  const code = has('not-genuine') ? inventionOf(epoch) : codeOf(epoch)
  const request = requestOf(code, {
    heard: hear(code, has('corrected') ? 'proposed' : 'nothing'),
    namedDeviceId: has('other-device') ? 'ff'.repeat(16) : DEVICE.deviceId,
    verifiedBy: has('caller-unverified') ? null : 'callback',
    ticket: 'HD-4711',
  })
  return { state: has('unknown-tag') ? null : { device, secret: SECRET }, request, flaws }
}

const CASES: Case[] = Array.from({ length: 2 ** FLAWS.length }, (_, bits) =>
  FLAWS.filter((_flaw, i) => bits & (1 << i)),
)
  .filter((flaws) => !EXCLUSIVE.some((pair) => pair.every((flaw) => flaws.includes(flaw))))
  .map(createCase)

const REQUIRED = policyOf({ callerVerification: 'required' })
const confirm = (
  { state, request }: Pick<Case, 'state' | 'request'>,
  operator: Operator = ANNA,
  now = NOW,
  policy = REQUIRED,
) => decideConfirm(state, request, policy, { now, operator })
const check = ({ state, request }: Pick<Case, 'state' | 'request'>, now = NOW) =>
  decideCheck(state, request, REQUIRED, { now, operator: ANNA })

/**
 * The reason for the first flaw.
 * A corrected code with an unknown tag or a wrong MAC is reported as misheard. The desk cannot tell whether it was
 * misheard or invented.
 */
function expectedReason(flaws: readonly Flaw[], passed: readonly Flaw[] = []): string {
  const first = FLAWS.find((flaw) => flaws.includes(flaw) && !passed.includes(flaw))
  if ((first === 'not-genuine' || first === 'unknown-tag') && flaws.includes('corrected')) return 'misheard'
  return first ?? 'ok'
}

describe('a request with several flaws is refused by the first step that fails', () => {
  test('when it is confirmed, for all 288 combinations', () => {
    expect(CASES).toHaveLength(288)
    for (const one of CASES) {
      const decision = confirm(one)
      expect(reasonOf(decision), one.flaws.join(' ')).toBe(expectedReason(one.flaws))
      expect('answer' in decision, one.flaws.join(' ')).toBe(one.flaws.length === 0)
    }
  })

  test('when it is checked, which needs no verified caller and reports a repeat', () => {
    for (const one of CASES) {
      const reason = expectedReason(one.flaws, ['caller-unverified', 'confirmed-already'])
      const decision = check(one)
      expect(reasonOf(decision), one.flaws.join(' ')).toBe(reason)
      if ('answer' in decision)
        expect(decision.answer.standing).toBe(one.flaws.includes('confirmed-already') ? 'repeat' : 'new')
    }
  })

  test.each(FLAWS)('with a kind, a message and a hint for the flaw %s', (flaw) => {
    const decision = confirm(createCase([flaw]))
    if (!('refusal' in decision)) throw new Error('not refused')
    expect(decision.refusal.kind).toBe(KINDS[flaw])
    expect(decision.refusal.message).toMatch(/^[a-zäöü]/i)
    expect(decision.refusal.hint?.length).toBeGreaterThan(20)
  })
})

describe('a refusal', () => {
  /** The change to the device for each reason. */
  const changeFor: Record<string, Partial<Device>> = {
    'not-genuine': { wrongCodes: { day: Math.floor(NOW / DAY_MS), count: 1 } },
    misheard: { wrongCodes: { day: Math.floor(NOW / DAY_MS), count: 1 } },
    'old-epoch': { alarmAt: NOW },
  }

  test('changes nothing, except that a wrong code is counted and an old code sets the alarm', () => {
    for (const one of CASES) {
      for (const decision of [confirm(one), check(one)].filter((made) => 'refusal' in made)) {
        const change = changeFor[reasonOf(decision)]
        const changed = one.state !== null && change !== undefined
        expect(decision.changes).toEqual(
          changed ? [{ put: 'device', record: { ...one.state?.device, ...change } }] : [],
        )
      }
    }
  })
})

describe('the audit entry', () => {
  test('has the device, the epoch, the outcome and the way of verification', () => {
    for (const one of CASES) {
      const { entry } = confirm(one)
      const epoch = one.flaws.includes('old-epoch') ? 3 : one.flaws.includes('confirmed-already') ? 4 : 5
      expect(entry.action).toBe('reset.confirm')
      expect(entry.outcome).toBe(expectedReason(one.flaws))
      expect(entry.subject).toEqual(
        one.state === null ? null : { kind: 'device', id: DEVICE.deviceId, name: 'iPhone', user: 'zoe@example.ch' },
      )
      const { verifiedBy } = one.request
      const told = {
        tag: formatTag(TAG),
        epoch,
        corrected: one.flaws.includes('corrected'),
        verifiedBy,
        ticket: 'HD-4711',
        reason: null,
      }
      expect(entry.details).toEqual(one.flaws.length === 0 ? { ...told, repeated: false } : told)
      expect(check(one).entry).toMatchObject({
        action: 'reset.check',
        outcome: reasonOf(check(one)),
        details: { tag: formatTag(TAG), epoch },
      })
    }
  })

  /**
   * The parts of a code that could be misused: the whole code, and each group from index `from` on.
   * The first group of a reset code is the tag, which is no secret.
   */
  const partsOf = (code: SpokenCode, from = 0) => [code, stripHyphens(code), ...code.split('-').slice(from)]
  const states = [3, 4, 5].map((epoch) => ({ id: ID, tag: TAG, epoch }))
  const confirmations = states.map((state) => deriveConfirmationCode(SECRET, state))
  const words = states.flatMap((state) => deriveDeskWords(SECRET, state)).map((word) => `"${word}"`)

  test('contains no code and no desk word, and a refusal contains no confirmation code', () => {
    const last = { ...CONFIRMED, at: NOW - 1, operator: ANNA.operatorId }
    const repeated = {
      state: { device: { ...DEVICE, lastConfirmed: last }, secret: SECRET },
      request: requestOf(codeOf(4)),
    }
    for (const one of [...CASES, repeated]) {
      const secrets = [
        ...confirmations.flatMap((code) => partsOf(code)),
        ...partsOf(one.request.heard.code, 1),
        ...words,
      ]
      for (const decision of [confirm(one), check(one)]) {
        const entry = JSON.stringify(decision.entry)
        expect(secrets.filter((secret) => entry.includes(secret))).toEqual([])
        const refusal = 'refusal' in decision ? JSON.stringify(decision.refusal) : ''
        expect(confirmations.filter((code) => refusal.includes(code))).toEqual([])
      }
    }
  })
})

describe('a genuine code of a new epoch', () => {
  const state = { device: { ...DEVICE, state: 'invited', lastConfirmed: CONFIRMED } as Device, secret: SECRET }

  test('is answered with its confirmation code and the desk words, and makes the device active', () => {
    const decision = confirm({ state, request: requestOf(codeOf(5), { ticket: 'HD-1', verifiedBy: 'in-person' }) })
    const at = { id: ID, tag: TAG, epoch: 5 }
    expect(decision).toEqual({
      changes: [
        {
          put: 'device',
          record: { ...state.device, state: 'active', lastConfirmed: { epoch: 5, at: NOW, operator: ANNA.operatorId } },
        },
      ],
      entry: expect.objectContaining({ outcome: 'ok' }),
      answer: {
        device: state.device,
        epoch: 5,
        standing: 'new',
        deskWords: deriveDeskWords(SECRET, at),
        confirmationCode: deriveConfirmationCode(SECRET, at),
        warnUnverified: false,
        stepsOff: null,
      },
    })
  })

  test.each([0, 1, 32_767])('is accepted in epoch %i if none was confirmed before', (epoch) => {
    const first = { device: { ...DEVICE, lastConfirmed: null }, secret: SECRET }
    expect(reasonOf(confirm({ state: first, request: requestOf(codeOf(epoch)) }))).toBe('ok')
  })

  test('is accepted after skipped epochs, because a device also rotates on its own', () => {
    expect(reasonOf(confirm({ state, request: requestOf(codeOf(900)) }))).toBe('ok')
  })

  test.each([
    ['off', null, 'ok', false],
    ['warn', null, 'ok', true],
    ['required', null, 'caller-unverified', false],
    ['off', 'manager', 'ok', false],
    ['warn', 'manager', 'ok', false],
    ['required', 'manager', 'ok', false],
  ] as const)(
    'with verification %s and a caller verified by %s is %s',
    (callerVerification, verifiedBy, reason, warn) => {
      const decision = confirm(
        { state, request: requestOf(codeOf(5), { verifiedBy }) },
        ANNA,
        NOW,
        policyOf({ callerVerification }),
      )
      expect(reasonOf(decision)).toBe(reason)
      expect('answer' in decision && (decision.answer as ConfirmAnswer).warnUnverified).toBe(warn)
    },
  )

  test('is answered with the desk words when it is checked, and nothing changes', () => {
    const decision = check({ state, request: requestOf(codeOf(5)) })
    expect(decision).toMatchObject({
      changes: [],
      answer: {
        device: state.device,
        epoch: 5,
        standing: 'new',
        deskWords: deriveDeskWords(SECRET, { id: ID, tag: TAG, epoch: 5 }),
      },
    })
    expect(Object.keys((decision as { answer: object }).answer).sort()).toEqual([
      'deskWords',
      'device',
      'epoch',
      'standing',
    ])
  })
})

describe('a corrected code', () => {
  const state = { device: DEVICE, secret: SECRET }

  test.each([
    ['unreadable', true, 'ok'],
    ['proposed', true, 'corrected'],
    ['agreed', true, 'ok'],
    ['nothing', true, 'ok'],
    ['unreadable', false, 'misheard'],
    ['proposed', false, 'misheard'],
    ['agreed', false, 'misheard'],
    ['nothing', false, 'not-genuine'],
  ] as const)(
    'with the correction "%s", genuine: %s, gives %s; a code that is not genuine counts',
    (corrected, genuine, reason) => {
      const code = genuine ? codeOf(5) : inventionOf(5)
      const decision = confirm({ state, request: requestOf(code, { heard: hear(code, corrected) }) })
      expect(reasonOf(decision)).toBe(reason)
      expect(applyTo(DEVICE, decision).wrongCodes.count).toBe(genuine ? 0 : 1)
      expect(decision.entry.details['corrected']).toBe(corrected !== 'nothing')
    },
  )

  test('that is only proposed is refused with the code, the corrected place and the next command', () => {
    const code = codeOf(5)
    const decision = confirm({ state, request: requestOf(code, { heard: hear(code, 'proposed') }) })
    if (!('refusal' in decision)) throw new Error('not refused')
    expect(decision.refusal.details).toEqual({ proposal: code })
    expect(decision.refusal.message).toContain(`group 2, symbol 2: ${CORRECTION.shouldBe}, not ${CORRECTION.heard}`)
    expect(decision.refusal.hint).toContain(`keydesk reset confirm ${code}`)
  })
})

describe('wrong codes', () => {
  const wrong = (
    device: Device,
    now = NOW,
    act: typeof confirm | typeof check = confirm,
  ): [Device, Decision<unknown>] => {
    const decision = decideConfirm({ device, secret: SECRET }, requestOf(inventionOf(5)), DEFAULT_POLICY, {
      now,
      operator: ANNA,
    })
    const other = decideCheck({ device, secret: SECRET }, requestOf(inventionOf(5)), DEFAULT_POLICY, {
      now,
      operator: ANNA,
    })
    const made = act === check ? other : decision
    return [applyTo(device, made), made]
  }
  const repeat = (times: number, device: Device, now = NOW) =>
    Array.from({ length: times }).reduce<Device>((one) => wrong(one, now)[0], device)

  test('are counted: the tenth of a day blocks the device, and the eleventh is not examined', () => {
    const nine = repeat(9, DEVICE)
    expect(nine).toEqual({ ...DEVICE, wrongCodes: { day: Math.floor(NOW / DAY_MS), count: 9 } })
    const [ten, tenth] = wrong(nine)
    expect(ten).toMatchObject({
      state: 'blocked',
      wrongCodes: { count: 10 },
      blockedFor: '10 codes that were not genuine on one day',
    })
    expect(reasonOf(tenth)).toBe('not-genuine')
    expect('refusal' in tenth && tenth.refusal.message).toContain('the device is now blocked')
    const [eleven, eleventh] = wrong(ten)
    expect(reasonOf(eleventh)).toBe('blocked')
    expect(eleventh.changes).toEqual([])
    expect(eleven).toBe(ten)
    // A right code is not examined either: a guesser must not learn that a guess was right.
    expect(reasonOf(confirm({ state: { device: ten, secret: SECRET }, request: requestOf(codeOf(5)) }))).toBe('blocked')
    expect(reasonOf(check({ state: { device: ten, secret: SECRET }, request: requestOf(codeOf(5)) }))).toBe('blocked')
  })

  test('are counted whether they are checked or confirmed', () => {
    let device = DEVICE
    for (let i = 0; i < 10; i++) device = wrong(device, NOW, i % 2 === 0 ? check : confirm)[0]
    expect(device.state).toBe('blocked')
  })

  test('are counted from zero on the next day in UTC, and not before', () => {
    const midnight = (Math.floor(NOW / DAY_MS) + 1) * DAY_MS
    const nine = repeat(9, DEVICE)
    expect(wrong(nine, midnight - 1)[0].state).toBe('blocked')
    const [next] = wrong(nine, midnight)
    expect(next).toMatchObject({ state: 'active', wrongCodes: { day: midnight / DAY_MS, count: 1 } })
    expect(repeat(9, next, midnight).state).toBe('blocked')
  })

  test('are still counted when the clock is set back, by a day or by years', () => {
    const nine = repeat(9, DEVICE)
    for (const now of [NOW - DAY_MS, NOW - 3650 * DAY_MS, 0]) {
      const [ten] = wrong(nine, now)
      expect(ten).toMatchObject({ state: 'blocked', wrongCodes: { day: Math.floor(NOW / DAY_MS), count: 10 } })
    }
  })

  test('block the device at the number that policy says', () => {
    const policy = policyOf({ wrongCodesPerDay: 3 })
    let device = DEVICE
    for (const state of ['active', 'active', 'blocked']) {
      device = applyTo(
        device,
        confirm({ state: { device, secret: SECRET }, request: requestOf(inventionOf(1)) }, ANNA, NOW, policy),
      )
      expect(device.state).toBe(state)
    }
  })

  test('stay counted after a right code in between', () => {
    const nine = repeat(9, DEVICE)
    const confirmed = applyTo(nine, confirm({ state: { device: nine, secret: SECRET }, request: requestOf(codeOf(5)) }))
    expect(confirmed.wrongCodes.count).toBe(9)
    expect(wrong(confirmed)[0].state).toBe('blocked')
  })
})

describe('the epoch that was confirmed last', () => {
  const SOON = DEFAULT_POLICY.repeatSeconds * 1000
  const state = {
    device: { ...DEVICE, lastConfirmed: { epoch: 4, at: NOW, operator: ANNA.operatorId } },
    secret: SECRET,
  }

  test.each([
    ['the same operator at once', ANNA, 0, null, 'ok'],
    ['the same operator after 600 s', ANNA, SOON, null, 'ok'],
    ['the same operator after 600.001 s', ANNA, SOON + 1, null, 'confirmed-already'],
    ['the same operator, the clock set back', ANNA, -1, null, 'confirmed-already'],
    ['the same operator with a reason, too late', ANNA, SOON + 1, 'the call dropped', 'confirmed-already'],
    ['another operator at once', BEN, 0, null, 'confirmed-already'],
    ['another operator with a reason', BEN, 0, 'I took over', 'confirmed-already'],
    ['an admin without a reason', ADA, 0, null, 'confirmed-already'],
    ['an admin with a reason', ADA, 0, 'the call dropped', 'ok'],
    ['an admin with a reason, a year later', ADA, 365 * DAY_MS, 'the call dropped', 'ok'],
    ['an admin with a reason, the clock set back', ADA, -DAY_MS, 'the call dropped', 'ok'],
  ] as const)('is shown again or refused to %s: %#', (_, operator, elapsed, reason, expected) => {
    const decision = confirm({ state, request: requestOf(codeOf(4), { reason }) }, operator, NOW + elapsed)
    expect(reasonOf(decision)).toBe(expected)
    expect(decision.changes).toEqual([])
    if (!('answer' in decision)) return
    expect(decision.answer).toMatchObject({
      standing: 'repeat',
      confirmationCode: deriveConfirmationCode(SECRET, { id: ID, tag: TAG, epoch: 4 }),
    })
    expect(decision.entry).toMatchObject({ outcome: 'ok', details: { repeated: true, reason } })
  })

  test('is shown again for ten minutes from the first time, not from the last', () => {
    const again = applyTo(state.device, confirm({ state, request: requestOf(codeOf(4)) }, ANNA, NOW + SOON))
    expect(again.lastConfirmed?.at).toBe(NOW)
    expect(
      reasonOf(confirm({ state: { ...state, device: again }, request: requestOf(codeOf(4)) }, ANNA, NOW + SOON + 1)),
    ).toBe('confirmed-already')
  })

  test('needs a verified caller each time', () => {
    expect(reasonOf(confirm({ state, request: requestOf(codeOf(4), { verifiedBy: null }) }))).toBe('caller-unverified')
  })

  test('tells an admin to give a reason, and others to ask an administrator', () => {
    const hintOf = (decision: Decision<unknown>) => ('refusal' in decision ? decision.refusal.hint : '')
    expect(hintOf(confirm({ state, request: requestOf(codeOf(4)) }, ADA))).toContain('--reason')
    expect(hintOf(confirm({ state, request: requestOf(codeOf(4)) }, BEN))).toContain('administrator')
  })
})

describe('an epoch before the last one', () => {
  const state = {
    device: { ...DEVICE, lastConfirmed: { epoch: 4, at: NOW, operator: ANNA.operatorId } },
    secret: SECRET,
  }

  test.each([ANNA, BEN, ADA])('is never confirmed to $name, even with a reason, and sets the alarm', (operator) => {
    for (const epoch of [0, 3]) {
      for (const reason of [null, 'the device was restored']) {
        const decision = confirm({ state, request: requestOf(codeOf(epoch), { reason }) }, operator)
        expect(reasonOf(decision)).toBe('old-epoch')
        expect(applyTo(state.device, decision).alarmAt).toBe(NOW)
      }
    }
  })

  test('sets the alarm even if it is only checked', () => {
    const decision = check({ state, request: requestOf(codeOf(3)) })
    expect(reasonOf(decision)).toBe('old-epoch')
    expect(applyTo(state.device, decision).alarmAt).toBe(NOW)
  })
})

test('a hint holds no foreign text that a shell would run', () => {
  const device = { ...DEVICE, user: 'x; rm -rf ~', name: '$(reboot)', state: 'retired' } as Device
  for (const state of ['active', 'blocked', 'retired'] as const) {
    for (const code of [codeOf(3), inventionOf(3)]) {
      const decision = confirm({
        state: { device: { ...device, state, lastConfirmed: CONFIRMED }, secret: SECRET },
        request: requestOf(code),
      })
      expect('refusal' in decision && decision.refusal.hint).not.toMatch(/rm -rf|reboot/)
    }
  }
})
