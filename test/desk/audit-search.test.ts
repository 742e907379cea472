/** Searching the audit log: each condition alone, at its limits, and all conditions together. */
import { describe, expect, test } from 'vitest'
import { type EntryFilter, matchesEntry } from '../../src/desk/audit-search.ts'
import type { AuditEntry } from '../../src/desk/records/index.ts'

const entry: AuditEntry = {
  seq: 4,
  at: 1_000,
  operator: 'Zoë',
  action: 'reset.confirm',
  subject: { kind: 'device', id: 'ab', name: 'phone', user: 'zoe@example.ch' },
  outcome: 'old-epoch',
  details: {},
}

describe('an entry', () => {
  const meant: EntryFilter[] = [
    {},
    { deviceId: 'ab' },
    { user: 'ZOE@example.ch' },
    { operator: 'zoe' },
    { action: 'reset.' },
    { action: 'reset.confirm' },
    { outcome: 'old-epoch' },
    { outcome: 'refused' },
    { since: 1_000 },
    { until: 1_000 },
    { since: 1_000, until: 1_000, action: 'reset', operator: 'zoë', outcome: 'refused' },
  ]
  test.each(meant)('matches %j', (filter) => expect(matchesEntry(entry, filter)).toBe(true))

  const others: EntryFilter[] = [
    { deviceId: 'cd' },
    { user: 'max@example.ch' },
    { user: '' },
    { operator: 'zo' },
    { action: 'confirm' },
    { outcome: 'ok' },
    { outcome: 'old' },
    { since: 1_001 },
    { until: 999 },
    { action: 'reset.', since: 1_001 },
  ]
  test.each(others)('does not match %j', (filter) => expect(matchesEntry(entry, filter)).toBe(false))
})

test('an entry with the outcome ok matches ok and not refused', () => {
  expect(matchesEntry({ ...entry, outcome: 'ok' }, { outcome: 'ok' })).toBe(true)
  expect(matchesEntry({ ...entry, outcome: 'ok' }, { outcome: 'refused' })).toBe(false)
})

test('an entry without a subject matches no device and no user', () => {
  expect(matchesEntry({ ...entry, subject: null }, { deviceId: 'ab' })).toBe(false)
  expect(matchesEntry({ ...entry, subject: null }, { user: 'zoe@example.ch' })).toBe(false)
  expect(matchesEntry({ ...entry, subject: null }, {})).toBe(true)
})
