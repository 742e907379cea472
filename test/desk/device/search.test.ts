/** Finding devices by the words of a caller, in any order, case and accents. Sorting devices. */
import { describe, expect, test } from 'vitest'
import { asHexId } from '../../../src/crypto/bytes.ts'
import { formatTag } from '../../../src/crypto/tag.ts'
import {
  compareDevices,
  createSearch,
  type DeviceFilter,
  foldText,
  isNamed,
  SORT_FIELDS,
  type SortField,
} from '../../../src/desk/device/search.ts'
import type { Device } from '../../../src/desk/records/index.ts'
import { ANNA, DEVICE } from '../fixtures.ts'

const ZOE: Device = { ...DEVICE, name: 'Zoë’s iPhone', user: 'Zoë Müller', model: 'iPhone 17' }
const MAX: Device = {
  ...DEVICE,
  deviceId: asHexId('ff'.repeat(16)),
  tag: 9,
  name: 'Tablet',
  user: 'max@example.ch',
  platform: 'android',
  model: null,
  state: 'blocked',
}

const matchesDevice = (device: Device, filter: DeviceFilter) => createSearch(filter).matches(device)

test.each([
  ['ZOË', 'zoe'],
  ['Zoe\u0308', 'zoe'],
  ['ÅNGSTRÖM', 'angstrom'],
  ['ﬁle №5', 'file no5'],
  ['Straße', 'straße'],
  ['Иван', 'иван'],
  ['', ''],
])('%j is searched for as %j', (text, folded) => expect(foldText(text)).toBe(folded))

describe('a filter', () => {
  test.each([
    [{}, true, true],
    [{ user: 'zoe muller' }, true, false],
    [{ user: 'ZOË MÜLLER' }, true, false],
    [{ user: 'zoe' }, false, false],
    [{ platform: 'android' }, false, true],
    [{ state: 'blocked' }, false, true],
    [{ state: 'active', platform: 'ios' }, true, false],
    [{ state: 'blocked', platform: 'ios' }, false, false],
    [{ search: '' }, true, true],
    [{ search: '  ' }, true, true],
    [{ search: 'muller iphone' }, true, false],
    [{ search: 'iphone muller' }, true, false],
    [{ search: 'iphone max' }, false, false],
    [{ search: '17' }, true, false],
    [{ search: formatTag(9) }, false, true],
    [{ search: formatTag(9).toLowerCase() }, false, true],
    [{ search: 'example.ch', user: 'MAX@example.ch' }, false, true],
    [{ search: 'iphonezoe' }, false, false],
    [{ search: '.*' }, false, false],
  ] as const)('%j finds Zoë’s: %s, Max’s: %s', (filter, zoe, max) => {
    expect([matchesDevice(ZOE, filter), matchesDevice(MAX, filter)]).toEqual([zoe, max])
  })

  test('finds no device by a word that runs from one field into the next', () => {
    expect(matchesDevice({ ...MAX, name: 'ab', user: 'cd' }, { search: 'abcd' })).toBe(false)
  })
})

describe('a search without a match', () => {
  const slips = (search: string, device = ZOE) => createSearch({ search }).slips(device)
  test.each([
    ['muller', 0],
    ['mueller', 1],
    ['miller', 1],
    ['muler', 1],
    ['mulller', 1],
    ['mulelr', 1],
    ['milelr', null],
    ['ipohne miller', 2],
    ['iphnoe', 1],
    ['ihone17', null],
    ['zoe muler', 1],
    ['zeo', null],
    ['', null],
  ] as const)('for %j is %j slips away from Zoë’s device', (search, expected) => expect(slips(search)).toBe(expected))

  test('still applies the other filters', () => {
    expect(createSearch({ search: 'miller', platform: 'android' }).slips(ZOE)).toBeNull()
    expect(createSearch({ search: 'miller', platform: 'ios', user: 'zoe muller' }).slips(ZOE)).toBe(1)
  })
})

test.each([
  ['zoe', true],
  ['ZOË', true],
  ['müll', true],
  ['oe’s i', true],
  ['iphone 17', false],
  [formatTag(ZOE.tag), false],
  ['max', false],
  ['', false],
  [' ', false],
  ['\u0308', false],
])('%j names Zoë’s device: %s', (text, named) => expect(isNamed(ZOE, text)).toBe(named))

describe('sorting', () => {
  const order = (field: SortField, ...devices: Device[]) =>
    devices.toSorted(compareDevices(field)).map(({ name }) => name)
  const named = (name: string, given: Partial<Device> = {}): Device => ({ ...DEVICE, name, ...given })

  test('by name puts numbers in order of value and accents beside their letters, and ignores case', () => {
    expect(
      order('name', named('Tablet 10'), named('äbi'), named('Tablet 9'), named('Zug'), named('abend'), named('Abi')),
    ).toEqual(['abend', 'Abi', 'äbi', 'Tablet 9', 'Tablet 10', 'Zug'])
  })

  test('by the last reset puts the oldest first, and devices without a reset last', () => {
    const at = (ms: number) => ({ lastConfirmed: { epoch: 0, at: ms, operator: ANNA.operatorId } })
    expect(
      order(
        'lastResetAt',
        named('never'),
        named('today', at(1_700_000_000_000)),
        named('1970', at(5)),
        named('never either'),
      ),
    ).toEqual(['1970', 'today', 'never', 'never either'])
  })

  test('by tag follows the number of the tag', () => {
    expect(order('tag', named('c', { tag: 33_554_431 }), named('a', { tag: 31 }), named('b', { tag: 32 }))).toEqual([
      'a',
      'b',
      'c',
    ])
  })

  test('by an optional field puts devices without it first', () => {
    expect(order('model', named('b', { model: 'Pixel' }), named('a', { model: null }))).toEqual(['a', 'b'])
    expect(order('platform', named('b', { platform: 'ios' }), named('a', { platform: null }))).toEqual(['a', 'b'])
  })

  test.each(SORT_FIELDS)('by %s keeps equal devices in the order that they came in', (field) => {
    expect(
      order(field, ...['x', 'y', 'z'].map((deviceId) => ({ ...DEVICE, deviceId, name: 'same' }) as Device)),
    ).toEqual(['same', 'same', 'same'])
    const twins = ['x', 'y', 'z'].map((deviceId) => ({ ...DEVICE, deviceId }) as Device)
    expect(twins.toSorted(compareDevices(field)).map(({ deviceId }) => deviceId)).toEqual(['x', 'y', 'z'])
  })
})
