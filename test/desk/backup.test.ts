/** Backups: the number of entries that a restore gives up, and the roles that may restore. */
import { describe, expect, test } from 'vitest'
import type { Anchor } from '../../src/desk/anchor.ts'
import { countGivenUp, decideBackup, decideRestore, type Seen, seenByAnchor } from '../../src/desk/backup.ts'
import { ADA, ANNA, NOW, reasonOf } from './fixtures.ts'

const at = (seq: number, hash = `h${seq}`): Anchor => ({ seq, hash })
const seen = (newest: number, commonSeq: number): Seen => ({ newest: at(newest), commonSeq })

test('making a backup writes an audit entry with the file name, for any operator', () => {
  expect(decideBackup('desk').entry).toEqual({
    action: 'store.backup',
    subject: null,
    outcome: 'ok',
    details: { file: 'desk' },
  })
})

describe('an anchor at 7', () => {
  test.each([
    ['is in the backup', at(9), 'h7', 0],
    ['is its end', at(7), 'h7', 0],
    ['lies beyond its end', at(4), null, 3],
    ['is another entry there: that one at least is given up', at(9), 'x7', 1],
  ])('%s', (_, backup, hashThere, givenUp) => {
    expect(countGivenUp([seenByAnchor(at(7), backup, hashThere)])).toBe(givenUp)
  })
})

test('the number of given-up entries is the largest that is known, or null if none is known', () => {
  expect(countGivenUp([])).toBeNull()
  // The store ends at 5 and shares only 3 entries with the backup. The anchor, at 7, is in the backup.
  expect(countGivenUp([seen(7, 7), seen(5, 3)])).toBe(2)
  expect(countGivenUp([seen(9, 4), seen(12, 4)])).toBe(8)
})

describe('restoring', () => {
  const request = (known: readonly Seen[]) => ({ file: 'desk', backup: at(4), seen: known, current: 'whole' }) as const

  test('writes an audit entry with the end of the backup, the newest known entry and the number given up', () => {
    const decision = decideRestore(request([seen(9, 4), seen(12, 4)]), { now: NOW, operator: ADA })
    expect(decision).toMatchObject({ answer: 8, changes: [] })
    expect(decision.entry).toEqual({
      action: 'store.restore',
      subject: null,
      outcome: 'ok',
      details: {
        file: 'desk',
        fromSeq: 4,
        fromHash: 'h4',
        knownSeq: 12,
        knownHash: 'h12',
        givenUp: 8,
        current: 'whole',
      },
    })
  })

  test.each([
    ['an admin who gives up entries', ADA, [seen(9, 4)], 'ok'],
    ['an admin who knows nothing', ADA, [], 'ok'],
    ['another operator who gives up nothing', ANNA, [seen(4, 4), seen(3, 3)], 'ok'],
    ['another operator who gives up one', ANNA, [seen(5, 4)], 'needs-admin'],
    ['another operator who gives up what only the anchor knows of', ANNA, [seen(4, 4), seen(9, 4)], 'needs-admin'],
    ['another operator who knows nothing', ANNA, [], 'needs-admin'],
  ])('by %s is %s', (_, operator, known, reason) => {
    const decision = decideRestore(request(known), { now: NOW, operator })
    expect(reasonOf(decision)).toBe(reason)
    expect(decision.entry).toMatchObject({ action: 'store.restore', outcome: reason })
  })

  test('is refused with the number of entries that it would give up', () => {
    const messageOf = (known: readonly Seen[]) => {
      const decision = decideRestore(request(known), { now: NOW, operator: ANNA })
      return 'refusal' in decision ? decision.refusal.message : null
    }
    expect(messageOf([seen(5, 4)])).toMatch(/gives up 1 newer entry$/)
    expect(messageOf([seen(6, 4)])).toMatch(/gives up 2 newer entries$/)
    expect(messageOf([])).toMatch(/gives up an unknown number of entries$/)
  })
})
