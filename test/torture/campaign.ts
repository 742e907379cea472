/**
 * Functions that all campaigns share.
 * - Each campaign has a short form, which `npm test` runs in seconds, and a long form (`npm run torture`).
 * - The long form runs more rounds and cases, and appends its figures to a file.
 */
import { appendFileSync } from 'node:fs'

const ROUNDS = process.env['KEYDESK_TORTURE']

export const isLong = ROUNDS !== undefined

/** The number of rounds that KEYDESK_TORTURE gives, or `short` without it. */
export const roundsOr = (short: number): number => Number(ROUNDS ?? short)

/** Appends a line of figures to the file that KEYDESK_TORTURE_REPORT names. Does nothing without it. */
export function report(campaign: string, figures: Readonly<Record<string, unknown>>): void {
  const file = process.env['KEYDESK_TORTURE_REPORT']
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ campaign, ...figures })}\n`)
}

/**
 * Reports on stderr and in the figures that this machine cannot run a campaign, so that it never counts as passed.
 * Returns the name of the skipped test.
 */
export function sayNotRun(what: string, why: string): string {
  process.stderr.write(`NOT RUN: ${what}: ${why}\n`)
  report('not run', { what, why })
  return `${what} (NOT RUN: ${why})`
}

export type Tally = Record<string, number>

export function count(tally: Tally, name: string): void {
  tally[name] = (tally[name] ?? 0) + 1
}
