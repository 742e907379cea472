/** How long the agent keeps keys: the idle time, the limit, and a clock that jumps. */
import { expect, test } from 'vitest'
import { KeyHolder } from '../../src/agent/key-holder.ts'
import type { Held } from '../../src/agent/keys.ts'
import { MONDAY_MS } from '../fake-context.ts'
import { heldBy } from './held.ts'

const MINUTE = 60_000

/** Creates a key holder with its own clock, and one function for each request. */
function createHolder() {
  let nowMs = MONDAY_MS
  const holder = new KeyHolder(() => nowMs)
  return {
    holder,
    pass: (ms: number) => {
      nowMs += ms
    },
    put: (held: Held, idleSeconds = 900, limitSeconds = 28_800) =>
      holder.answer({ op: 'put', held, idleSeconds, limitSeconds }).held[0],
    get: (which = {}) => holder.answer({ op: 'get', ...which }).held[0],
    status: (which = {}) => holder.answer({ op: 'status', ...which }).held,
    lock: (which = {}) => holder.answer({ op: 'lock', ...which }).held,
  }
}

test('the holder returns the keys unchanged until they were idle for 15 minutes', () => {
  const { put, get, pass, holder } = createHolder()
  expect(holder.isFresh).toBe(true)
  expect(holder.isEmpty()).toBe(true)
  expect(put(heldBy('anna'))).toEqual({ ...heldBy('anna'), keys: null, expiresAt: MONDAY_MS + 15 * MINUTE })
  expect(holder.isFresh).toBe(false)
  pass(15 * MINUTE - 1)
  expect(get()).toEqual({ ...heldBy('anna'), expiresAt: MONDAY_MS + 30 * MINUTE - 1 })
  pass(15 * MINUTE - 1)
  expect(get()?.keys).toEqual(heldBy('anna').keys)
  pass(15 * MINUTE)
  expect(get()).toBeUndefined()
  expect(holder.isEmpty()).toBe(true)
})

test('the keys expire at the limit, however often they are used', () => {
  const { put, get, pass } = createHolder()
  put(heldBy('anna'), 900, 3_600)
  for (let i = 0; i < 59; i++) {
    pass(MINUTE)
    expect(get()?.expiresAt).toBe(Math.min(MONDAY_MS + (i + 16) * MINUTE, MONDAY_MS + 60 * MINUTE))
  }
  pass(MINUTE - 1)
  expect(get()).toBeDefined()
  pass(1)
  expect(get()).toBeUndefined()
})

test('a status request does not extend the idle time and shows no keys', () => {
  const { put, status, pass } = createHolder()
  put(heldBy('anna'))
  for (let i = 0; i < 14; i++) {
    pass(MINUTE)
    expect(status()).toEqual([{ ...heldBy('anna'), keys: null, expiresAt: MONDAY_MS + 15 * MINUTE }])
  }
  pass(MINUTE)
  expect(status()).toEqual([])
})

test('each pair of store and operator has its own keys, and a request without names gets the newest', () => {
  const { put, get, status, lock } = createHolder()
  put(heldBy('anna', '/a'))
  put(heldBy('ben', '/a'))
  put(heldBy('anna', '/b'))
  expect(get()?.store).toBe('/b')
  expect(get({ store: '/a' })?.operator).toBe('ben')
  expect(get({ store: '/a', operator: 'anna' })?.operator).toBe('anna')
  expect(get({ operator: 'ben' })?.store).toBe('/a')
  expect(get({ store: '/c' })).toBeUndefined()
  expect(lock({ store: '/a' }).map(({ operator, keys }) => [operator, keys])).toEqual([
    ['anna', null],
    ['ben', null],
  ])
  expect(status().map(({ store }) => store)).toEqual(['/b'])
  expect(lock()).toHaveLength(1)
  expect(lock()).toEqual([])
})

test('unlocking again replaces the keys and restarts both times', () => {
  const { put, get, status, pass } = createHolder()
  put(heldBy('anna'), 900, 1_000)
  put(heldBy('ben'))
  pass(MINUTE)
  put({ ...heldBy('anna'), role: 'auditor' }, 60, 60)
  expect(status()).toHaveLength(2)
  expect(get()).toMatchObject({ operator: 'anna', role: 'auditor' })
  pass(MINUTE)
  expect(get()).toMatchObject({ operator: 'ben' })
})

test.each([
  ['back by a day', -24 * 60 * MINUTE],
  ['back by a minute', -MINUTE],
])('a clock that is set %s does not extend the time', (_, jump) => {
  const { put, get, status, pass } = createHolder()
  put(heldBy('anna'), 900, 3_600)
  pass(10 * MINUTE)
  // The agent asks for the status every second. The holder notices the jump by the time of the call before it.
  status()
  pass(jump)
  expect(status()[0]?.expiresAt).toBe(MONDAY_MS + 15 * MINUTE + jump)
  pass(5 * MINUTE - 1)
  expect(get()).toBeDefined()
  pass(15 * MINUTE)
  expect(get()).toBeUndefined()
})

test('a clock that is set forward locks, as after a laptop has slept', () => {
  const { put, get, pass } = createHolder()
  put(heldBy('anna'))
  pass(10 * 365 * 24 * 60 * MINUTE)
  expect(get()).toBeUndefined()
  put(heldBy('anna'))
  pass(-10 * 365 * 24 * 60 * MINUTE)
  expect(get()).toBeDefined()
})
