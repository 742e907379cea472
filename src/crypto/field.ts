/**
 * GF(32), the field of one symbol: polynomials over GF(2) modulo x⁵ + x² + 1, with α = 2 as a generator of order 31.
 * Lookup tables are safe here, because a code is not secret while it is checked.
 */

/** The order of the multiplicative group. */
export const GROUP_ORDER = 31

const EXP: number[] = []
const LOG: number[] = new Array(32).fill(-1)
for (let power = 0, value = 1; power < GROUP_ORDER; power++) {
  EXP.push(value)
  LOG[value] = power
  value <<= 1
  if (value & 32) value ^= 0b100101
}

/** α^power, for any integer power. */
export function alphaPower(power: number): number {
  return EXP[((power % GROUP_ORDER) + GROUP_ORDER) % GROUP_ORDER] as number
}

/** log_α(value), 0 … 30; −1 for 0, because 0 has no logarithm. */
export function alphaLog(value: number): number {
  return LOG[value] as number
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : alphaPower(alphaLog(a) + alphaLog(b))
}

/** a ÷ b; b must not be 0. */
export function divide(a: number, b: number): number {
  return a === 0 ? 0 : alphaPower(alphaLog(a) - alphaLog(b))
}
