/**
 * What the campaigns share: each has a short form that `npm test` runs in seconds and a long one (`npm run torture`), which
 * differ in nothing but the number of rounds; and the long one leaves its figures where they can be read.
 */
import { appendFileSync } from 'node:fs'

const ROUNDS = process.env['KEYDESK_TORTURE']

export const isLong = ROUNDS !== undefined

/** The rounds that were asked for, or those of the short form. */
export const roundsOr = (short: number): number => Number(ROUNDS ?? short)

/** A line of figures for the file that KEYDESK_TORTURE_REPORT names. */
export function report(campaign: string, figures: Readonly<Record<string, unknown>>): void {
  const file = process.env['KEYDESK_TORTURE_REPORT']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ campaign, ...figures })}\n`)
}

/** Says what cannot be done on this machine, and therefore was not: never silently, and never as something that held. */
export function sayNotRun(what: string, why: string): string {
  process.stderr.write(`NOT RUN: ${what}: ${why}\n`)
  report('not run', { what, why })
  return `${what} (NOT RUN: ${why})`
}

export type Tally = Record<string, number>

export function count(tally: Tally, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1
}
