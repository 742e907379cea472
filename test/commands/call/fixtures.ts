/**
 * A call as a value: a phone that is known by its secret, keys as text, and a desk that answers by the real decisions.
 */
import type { Answer, Effect } from '../../../src/commands/call/effect.ts'
import type { Facts } from '../../../src/commands/call/facts.ts'
import { drawCall } from '../../../src/commands/call/screen/frame.ts'
import { type CallState, type Next, startCall, withEffect } from '../../../src/commands/call/state.ts'
import { continueSearch } from '../../../src/commands/call/steps/search.ts'
import { updateCall } from '../../../src/commands/call/update.ts'
import { asHexId, encodeHex } from '../../../src/crypto/bytes.ts'
import { deriveResetCode } from '../../../src/crypto/codes.ts'
import { asDeviceSecret } from '../../../src/crypto/keys.ts'
import { type Device, NO_PIN, type Operator } from '../../../src/desk/records/index.ts'
import { DEFAULT_POLICY, type Policy } from '../../../src/desk/records/policy.ts'
import { NO_PROOF } from '../../../src/desk/reset/caller.ts'
import { decideCheck, decideConfirm } from '../../../src/desk/reset/decide.ts'
import { decideOutcome } from '../../../src/desk/reset/outcome.ts'
import type { Refusal } from '../../../src/errors.ts'
import { NO_PAINT } from '../../../src/term/colour.ts'
import { flushKeys, type Key, readKeys } from '../../../src/term/keys.ts'

export const NOW = Date.UTC(2026, 2, 2, 9)
const HOUR = 3_600_000
const ID = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
const SECRET = asDeviceSecret(Uint8Array.from({ length: 32 }, (_, i) => 255 - i))

export const PHONE: Device = {
  deviceId: encodeHex(ID),
  tag: 25_471_013,
  name: 'Zoë’s phone',
  user: 'zoe@example.ch',
  platform: 'ios',
  model: 'iPhone 17',
  osVersion: null,
  appVersion: null,
  registeredBy: 'password',
  state: 'active',
  invitedAt: NOW - 900 * HOUR,
  invitedBy: 'a0'.repeat(16),
  lastConfirmed: null,
  wrongCodes: { day: 0, count: 0 },
  blockedFor: null,
  alarmAt: null,
  pinAllowed: false,
  pins: { device: NO_PIN, desk: NO_PIN },
  ownPolicy: {},
}
const TABLET: Device = { ...PHONE, deviceId: asHexId('ab'.repeat(16)), tag: 77, name: 'Zoë’s tablet', model: 'iPad' }
const OTHER: Device = {
  ...PHONE,
  deviceId: asHexId('cd'.repeat(16)),
  tag: 78,
  name: 'Max’ Handy',
  user: 'max@example.ch',
  model: 'Pixel 10',
}
export const CODE = deriveResetCode(SECRET, { id: ID, tag: PHONE.tag, epoch: 3 })
const OPERATOR: Operator = {
  operatorId: asHexId('ef'.repeat(16)),
  name: 'anna',
  role: 'helpdesk',
  boxKey: asHexId(''),
  signKey: asHexId(''),
  addedAt: 0,
}

export type World = {
  readonly device: Device
  readonly policy: Policy
  readonly role: Operator['role']
  readonly app: Facts['app']
}
export const WORLD: World = { device: PHONE, policy: DEFAULT_POLICY, role: 'helpdesk', app: 'none' }

/** The state of a call, and each effect that it has asked for so far. */
export type Play = { readonly state: CallState; readonly asked: readonly Effect[] }

export function begin(
  world: World = WORLD,
  wanted = '',
  ticket: string | null = null,
  ticketPattern: string | null = null,
): Play {
  const first = withEffect(startCall({ ticket, ticketPattern, language: 'en' }, wanted), { do: 'load' })
  return run(world, { state: first.state, asked: [] }, first)
}

/** Types text as a terminal sends it, and answers each effect that the call asks for. */
export function press({ state, asked }: Play, typed: string, world: World = WORLD): Play {
  const { keys, rest } = readKeys(typed)
  return [...keys, ...flushKeys(rest)].reduce((play, key) => pressKey(play, key, world), { state, asked } as Play)
}

export function pressKey(play: Play, key: Key, world: World = WORLD): Play {
  return run(world, play, updateCall(play.state, { kind: 'key', key }))
}

function run(world: World, play: Play, first: Next): Play {
  let next = first
  const asked = [...play.asked]
  while (next.effect !== null) {
    asked.push(next.effect)
    if (next.effect.do === 'leave') break
    const found = answerTo(world, next.effect, next.state)
    next = updateCall(
      next.state,
      'refusal' in found ? { kind: 'refused', refusal: found.refusal } : { kind: 'answer', answer: found },
    )
  }
  return { state: next.state, asked }
}

const WRONG = {
  refusal: { kind: 'rejected', reason: 'wrong-code', message: 'the code is wrong', hint: 'ask again' },
} as const

/** Answers by the real decisions. A PIN or a code of an app is right if it begins with 1. */
function answerTo(
  world: World,
  effect: Exclude<Effect, { do: 'leave' }>,
  state: CallState,
): Answer | { refusal: Refusal } {
  const devices = [world.device, TABLET, OTHER]
  if (effect.do === 'load') return { to: 'load', devices }
  if (effect.do === 'search') return { to: 'search', search: continueSearch(state.search, state.devices ?? []) }
  if (effect.do === 'look') {
    const device = devices.find(({ deviceId }) => deviceId === effect.deviceId) ?? world.device
    const { policy, role, app } = world
    return { to: 'look', facts: { device, confirmedBy: 'bob', app, appVerifiedAt: null, policy, role, at: NOW } }
  }
  if (effect.do === 'totp') return effect.code.startsWith('1') ? { to: 'totp', stepsOff: 0 } : WRONG
  if (effect.do === 'pin') return effect.pin.startsWith('1') ? { to: 'pin', delivered: 'mail' } : WRONG
  return effect.do === 'tell' ? { to: 'tell' } : decide(world, effect)
}

function decide(
  { device, policy, role }: World,
  effect: Extract<Effect, { do: 'check' | 'confirm' | 'outcome' }>,
): Answer | { refusal: Refusal } {
  const circumstances = { now: NOW, operator: { ...OPERATOR, role } }
  const known = { device, secret: SECRET }
  if (effect.do === 'check') {
    const made = decideCheck(known, { heard: effect.heard, namedDeviceId: effect.device }, policy, circumstances)
    return 'refusal' in made ? made : { to: 'check', answer: made.answer }
  }
  if (effect.do === 'outcome') {
    const made = decideOutcome(device, effect, circumstances)
    return 'refusal' in made ? made : { to: 'outcome', answer: made.answer, seq: 13 }
  }
  const request = { ...effect.request, namedDeviceId: effect.request.device }
  const made = decideConfirm(known, request, policy, circumstances, NO_PROOF)
  return 'refusal' in made ? made : { to: 'confirm', answer: made.answer, seq: 12 }
}

export const draw = ({ state }: Play, columns = 80, rows = 24) =>
  drawCall(state, { columns, rows, plain: false, brush: NO_PAINT })

/** A screen as text: its lines without the blanks at their ends, and `▯` in place of the cursor. */
export function picture(play: Play, columns = 80, rows = 24): string {
  const { lines, cursor } = draw(play, columns, rows)
  const shown = lines.map((line, i) => {
    if (cursor?.row !== i) return line.trimEnd()
    const padded = Array.from(line.padEnd(cursor.column + 1))
    padded[cursor.column] = '▯'
    return padded.join('').trimEnd()
  })
  // The screen shows times in the zone of the machine that runs the tests.
  const text = shown.join('\n').replace(/\d{4}(-\d\d){2} \d\d:\d\d [+-]\d\d:\d\d/g, 'yyyy-mm-dd hh:mm +hh:mm')
  return `\n${text}\n`
}
