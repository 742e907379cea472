/**
 * The rollback anchor.
 * - A store's chain is compared with it: same, newer, older or forked.
 * - An older or a forked store is refused, and the refusal says how it differs.
 * - Only an admin can accept such a store.
 */
import { describe, expect, test } from 'vitest'
import { type Anchor, compareAnchor, decideAccept, refuseStanding } from '../../src/desk/anchor.ts'
import { ADA, ANNA, NOW, reasonOf } from './fixtures.ts'

const at = (seq: number, hash = `h${seq}`): Anchor => ({ seq, hash })

test.each([
  ['same', at(7), 'h7'],
  ['newer', at(8), 'h7'],
  ['older', at(6), null],
  // A store that ends before the anchor has no entry at 7. It is older, even if a hash is given for that entry.
  ['older', at(6), 'h7'],
  ['forked', at(7, 'x7'), 'x7'],
  ['forked', at(9), 'x7'],
  ['forked', at(9), null],
])('compared with an anchor at 7, the store is %s: %j', (standing, newest, hashThere) => {
  expect(compareAnchor(at(7), newest, hashThere)).toBe(standing)
})

describe('the refusal of a store', () => {
  test('says how many entries are missing', () => {
    const refusal = refuseStanding('older', at(7), at(4))
    expect(refusal).toMatchObject({ kind: 'damaged', reason: 'older-store', details: { missing: 3 } })
    expect(refusal?.message).toMatch(/ends at entry 4, and 3 entries are missing$/)
    expect(refuseStanding('older', at(7), at(6))?.message).toMatch(/and 1 entry is missing$/)
  })

  test('says which entry differs', () => {
    const refusal = refuseStanding('forked', at(7), at(9))
    expect(refusal).toMatchObject({
      kind: 'damaged',
      reason: 'forked-store',
      details: { expectedSeq: 7, missing: null },
    })
    expect(refusal?.message).toContain('entry 7 is another one')
  })

  test('names the commands that help', () => {
    for (const standing of ['older', 'forked'] as const)
      expect(refuseStanding(standing, at(7), at(4))?.hint).toMatch(/store restore FILE.*store accept/)
  })

  test.each(['same', 'newer'] as const)('does not exist if the store is %s', (standing) => {
    expect(refuseStanding(standing, at(7), at(7))).toBeNull()
  })
})

describe('accepting', () => {
  const request = { standing: 'older', expected: at(7), found: at(4), reason: 'disk failed' } as const

  test('is allowed to an admin, and the audit entry has the expected and the found place', () => {
    const decision = decideAccept(request, { now: NOW, operator: ADA })
    expect(decision).toMatchObject({ answer: at(4), changes: [] })
    expect(decision.entry).toEqual({
      action: 'store.accept',
      subject: null,
      outcome: 'ok',
      details: {
        standing: 'older',
        expectedSeq: 7,
        expectedHash: 'h7',
        foundSeq: 4,
        foundHash: 'h4',
        reason: 'disk failed',
      },
    })
  })

  test('is refused to others, with an entry in the audit log', () => {
    const decision = decideAccept(request, { now: NOW, operator: ANNA })
    expect(reasonOf(decision)).toBe('needs-admin')
    expect(decision.entry).toMatchObject({ action: 'store.accept', outcome: 'needs-admin', details: { foundSeq: 4 } })
  })
})
