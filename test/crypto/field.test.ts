/** Compares the tables of GF(32) with its definition: polynomials over GF(2) modulo x⁵ + x² + 1. */
import { expect, test } from 'vitest'
import { alphaLog, alphaPower, divide, GROUP_ORDER, multiply } from '../../src/crypto/field.ts'
import { multiplySlowly } from './fixtures.ts'

const elements = Array.from({ length: 32 }, (_, i) => i)

test('multiply gives every product of the field', () => {
  for (const a of elements) for (const b of elements) expect(multiply(a, b)).toBe(multiplySlowly(a, b))
})

test('divide undoes every product', () => {
  for (const a of elements) for (const b of elements.slice(1)) expect(divide(multiplySlowly(a, b), b)).toBe(a)
})

test('α generates all elements but 0, and every log is the inverse of a power', () => {
  expect(GROUP_ORDER).toBe(31)
  expect(new Set(elements.slice(0, 31).map(alphaPower)).size).toBe(31)
  for (const a of elements.slice(1)) expect(alphaPower(alphaLog(a))).toBe(a)
  expect(alphaLog(0)).toBe(-1)
  expect([alphaPower(0), alphaPower(1), alphaPower(5)]).toEqual([1, 2, 0b00101])
})

test('powers repeat every 31, below zero too', () => {
  for (let power = -70; power <= 70; power++) expect(alphaPower(power + 31)).toBe(alphaPower(power))
  expect(multiplySlowly(alphaPower(-1), 2)).toBe(1)
})
