/** What a listing shows: those that match, else those that come close; sorted, and cut with a count. */
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

test('what matches, sorted as people count', () => {
  expect(pick({ search: 'meier' })).toEqual({ names: ['Meier 2', 'Meier 10'], more: 0, areClose: false, matched: 2 })
  expect(pick({})).toMatchObject({ names: ['Huber', 'Maier', 'Meier 2', 'Meier 10', 'Meyer 10'], matched: 5 })
  expect(pick({}, null).names).toEqual(NAMES)
})

test('no more than the limit, and how many more there are', () => {
  expect(pick({ search: 'm' }, 'name', 1)).toMatchObject({ names: ['Maier'], more: 3 })
  expect(pick({ search: 'mejer' }, 'name', 1)).toMatchObject({ more: 2, areClose: true })
})

test('what comes close, the closest first, only where nothing matches', () => {
  expect(pick({ search: 'mejer' })).toEqual({
    names: ['Meier 2', 'Meier 10', 'Meyer 10'],
    more: 0,
    areClose: true,
    matched: 0,
  })
  expect(pick({ search: 'meyyer' })).toMatchObject({ names: ['Meyer 10'], areClose: true })
  expect(pick({ search: 'schneider' })).toEqual({ names: [], more: 0, areClose: false, matched: 0 })
})
