/** What unlocking says of the second factor, and of this machine's clock. */
import type { DeskGlobals } from '../console/globals.ts'
import { tell } from '../console/input.ts'
import { writeTime } from '../console/times.ts'
import type { Context } from '../context.ts'
import type { FactorAnswer } from '../desk/second-factor.ts'
import type { Committed, Desk } from '../store/desk.ts'
import { isoTime } from '../term/time.ts'

export function factorJson({ trustedUntil, ...answer }: FactorAnswer) {
  return { ...answer, trustedUntil: trustedUntil === null ? null : isoTime(trustedUntil) }
}

export function describeFactor(context: Context, { factor, recoveryLeft, trustedUntil }: FactorAnswer): string {
  const left = factor === 'recovery' ? `That recovery code is used; ${recoveryLeft} are left.\n` : ''
  return trustedUntil === null ? left : `${left}No code is asked for here until ${writeTime(context, trustedUntil)}.\n`
}

/** A clock that runs behind the record refuses right codes, and dates what is done now before what was done. */
export async function warnOfClock(context: Context, options: DeskGlobals, desk: Desk, { seq, at }: Committed<unknown>) {
  const before = await desk.read(async (records) => {
    for await (const entry of records.entries(seq - 2)) return entry.at
    return at
  })
  if (before <= at) return
  const behind = Math.ceil((before - at) / 1000)
  tell(context, options, `warning: this machine's clock is ${behind} s behind the last entry on record; set it right`)
}
