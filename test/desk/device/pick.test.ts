/** The devices of a listing: those that match, or else those that come close. They are sorted and cut at a limit. */
import { expect, test } from 'vitest'
import { createPick } from '../../../src/desk/device/pick.ts'
import type { DeviceFilter, SortField } from '../../../src/desk/device/search.ts'
import { DEVICE } from '../fixtures.ts'

const NAMES = ['Meyer 10', 'Meier 2', 'Maier', 'Meier 10', 'Huber']

function pick(filter: DeviceFilter, sort: SortField | null = 'name', limit = 10) {
  const picked = createPick(filter)
  const matched = NAMES.map((name, tag) => picked.add({ ...DEVICE, name, tag, user: 'u', model: null }))
  const { devices, more, areClose } = picked.finish(sort, limit)
  return { names: devices.map(({ name }) => name), more, areClose, matched: matched.filter(Boolean).length }
}

test('a listing has the matching devices, with numbers sorted by value', () => {
  expect(pick({ search: 'meier' })).toEqual({ names: ['Meier 2', 'Meier 10'], more: 0, areClose: false, matched: 2 })
  expect(pick({})).toMatchObject({ names: ['Huber', 'Maier', 'Meier 2', 'Meier 10', 'Meyer 10'], matched: 5 })
  expect(pick({}, null).names).toEqual(NAMES)
})

test('a listing stops at the limit and counts the rest', () => {
  expect(pick({ search: 'm' }, 'name', 1)).toMatchObject({ names: ['Maier'], more: 3 })
  expect(pick({ search: 'mejer' }, 'name', 1)).toMatchObject({ more: 2, areClose: true })
})

test('a listing has close names, the closest first, only if nothing matches', () => {
  expect(pick({ search: 'mejer' })).toEqual({
    names: ['Meier 2', 'Meier 10', 'Meyer 10'],
    more: 0,
    areClose: true,
    matched: 0,
  })
  expect(pick({ search: 'meyyer' })).toMatchObject({ names: ['Meyer 10'], areClose: true })
  expect(pick({ search: 'schneider' })).toEqual({ names: [], more: 0, areClose: false, matched: 0 })
})
