/** The pattern for tickets: it is readable, and no pattern makes the check slow. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTicketPattern, matchesTicket } from '../../src/desk/ticket-pattern.ts'

describe('a ticket', () => {
  it.each([
    ['INC#######', 'INC0012345', true],
    ['INC#######', 'inc0012345', true],
    ['INC#######', 'INC001234', false],
    ['INC#######', 'INC00123456', false],
    ['INC#######', ' INC0012345', false],
    ['INC#######', 'INC001234٣', false],
    ['HD-*', 'HD-4711', true],
    ['HD-*', 'HD-a1', true],
    ['HD-*', 'HD-', false],
    ['HD-*', 'HD-47 11', false],
    ['HD-*', 'HD-47*', false],
    ['*-CH', '4711-ch', true],
    ['A*A', 'A', false],
    ['A*A', 'AA', false],
    ['A*A', 'AxA', true],
    ['??-##', 'ab-12', true],
    ['??-##', '12-ab', false],
    ['??-##', 'äb-12', false],
    ['INC###|REQ###', 'REQ123', true],
    ['INC### | REQ###', 'REQ123', true],
    ['INC###|REQ###', 'INC123|REQ123', false],
    ['a.b', 'axb', false],
  ])('by the pattern %s: %s is valid: %s', (pattern, ticket, expected) => {
    expect(isTicketPattern(pattern)).toBe(true)
    expect(matchesTicket(pattern, ticket)).toBe(expected)
  })

  it('that was made from a pattern is valid, and a shorter one is not', () => {
    const sign = fc.constantFrom(...'#?AZ-_./:')
    fc.assert(
      fc.property(fc.string({ unit: sign, minLength: 1, maxLength: 30 }), (pattern) => {
        const ticket = pattern.replaceAll('#', '7').replaceAll('?', 'q')
        expect([matchesTicket(pattern, ticket), matchesTicket(pattern, ticket.slice(1))]).toEqual([true, false])
      }),
    )
  })
})

describe('a pattern', () => {
  it.each(['', '|', 'A|', '^INC\\d+$', '(a+)+', 'a{2}', '[ab]', 'HD-**', '*-*', 'INC\n', 'é', 'x'.repeat(101)])(
    'of the form %j is refused',
    (pattern) => {
      expect(isTicketPattern(pattern)).toBe(false)
    },
  )

  it('is checked in a time that grows no faster than the ticket', () => {
    const started = performance.now()
    for (const pattern of ['a*a', `${'a'.repeat(99)}*`, `${'a|'.repeat(49)}a`])
      expect(matchesTicket(pattern, `${'a'.repeat(1_000_000)}!`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(60_000)
  })
})
