/**
 * The file of the state.
 * - It is read back as it was written.
 * - A file that differs in one bit is damaged, and no part of it is read.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { formatState, parseState, type StoredState } from '../../src/device/state.ts'
import { createLocked, readState } from './bench.ts'

let state: StoredState
beforeAll(async () => {
  state = readState(await createLocked())
})

describe('the state', () => {
  it('is read as it was written', () => {
    const variants: StoredState[] = [
      state,
      { ...state, passwordSlot: null, resetShown: true, pinAllowed: true },
      { ...state, organisation: '"\\u{202e}', user: '', passwordFailures: { count: 3, lastAtMs: 5 } },
    ]
    for (const variant of variants) expect(parseState(formatState(variant))).toEqual(variant)
  })

  it('is damaged if any one bit is changed', () => {
    const bytes = formatState(state)
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes)
      changed[at] = (changed[at] as number) ^ (1 << (at % 8))
      expect(parseState(changed), `byte ${at}`).toBeNull()
    }
  })

  it('is damaged if it is cut short anywhere, or longer', () => {
    const bytes = formatState(state)
    for (let length = 0; length < bytes.length; length++) expect(parseState(bytes.subarray(0, length))).toBeNull()
    expect(parseState(Uint8Array.of(...bytes, 0x0a))).toBeNull()
  })

  it.each<[string, (good: StoredState) => object]>([
    ['a short id', (good) => ({ id: good.id.subarray(1) })],
    ['a tag of 26 bits', () => ({ tag: 2 ** 25 })],
    ['a negative epoch', () => ({ epoch: -1 })],
    ['an epoch of 16 bits', () => ({ epoch: 2 ** 15 })],
    ['an epoch as text', () => ({ epoch: '0' })],
    ['the code of another epoch', () => ({ epoch: 1 })],
    ['the code of another tag', (good) => ({ tag: good.tag ^ 1 })],
    ['a code that is none', () => ({ resetCode: 'AAAAA-AAAAA-AAAAA' })],
    ['a code without hyphens', (good) => ({ resetCode: good.resetCode.replaceAll('-', '') })],
    ['one desk word', () => ({ deskWords: ['abandon'] })],
    ['a desk word of no list', () => ({ deskWords: ['abandon', 'keydesk'] })],
    ['a short slot', (good) => ({ recoverySlot: good.recoverySlot.subarray(1) })],
    ['a long slot', (good) => ({ passwordSlot: Uint8Array.of(...(good.passwordSlot as Uint8Array), 0) })],
    ['a flag that is no flag', () => ({ resetShown: 1 })],
    ['a count that is no count', () => ({ codeFailures: { count: 0.5, lastAtMs: 0 } })],
    ['a user that is no text', () => ({ user: 7 })],
  ])('is damaged with %s, although its checksum is right', (_, change) => {
    expect(parseState(formatState(state))).not.toBeNull()
    expect(parseState(formatState({ ...state, ...change(state) } as StoredState))).toBeNull()
  })

  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a state that is a list', '{"format":"keydesk-device/1","checksum":"","state":[]}'],
  ])('is damaged if the file holds %s', (_, text) => {
    expect(parseState(new TextEncoder().encode(text))).toBeNull()
  })

  it('is not read in a newer format or with an unknown field', () => {
    const text = new TextDecoder().decode(formatState(state))
    expect(parseState(new TextEncoder().encode(text.replace('keydesk-device/1', 'keydesk-device/2')))).toBeNull()
    expect(parseState(new TextEncoder().encode(text.replace('"tag"', '"new": 1,\n    "tag"')))).toBeNull()
  })
})
