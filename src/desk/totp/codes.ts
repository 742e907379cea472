/**
 * What a code of an authenticator app is worth: accepted once, and only for a step beside the present one. One that is right but further
 * off is refused, and how far is said; the fifth wrong one in a row closes the account for a quarter of an hour. What a code
 * changes comes back with the verdict, so that the commit decides which of many at once is the first.
 */
import { findStep, isTotpOf, stepAt } from '../../crypto/totp.ts'
import type { Refusal } from '../../errors.ts'
import type { Change } from '../decision.ts'
import type { TotpAccount } from '../records/index.ts'
import * as refusals from './refusals.ts'

const FAILURES = 5
const CLOSED_MS = 15 * 60_000
/** Steps on either side of the present one. */
const TOLERANCE = 1

/** An account that was set up, with its secret. */
export type HeldTotp = { readonly account: TotpAccount; readonly secret: Uint8Array }

export type Verdict =
  | { readonly ok: true; readonly account: TotpAccount; readonly stepsOff: number }
  | { readonly ok: false; readonly refusal: Refusal; readonly changes: readonly Change[] }

/** Whether the code is the app's, now, and for the first time. */
export function judgeCode({ account, secret }: HeldTotp, code: string, now: number): Verdict {
  if (isClosed(account, now)) return { ok: false, refusal: refusals.closed(account, now), changes: [] }
  const present = stepAt(now)
  const around = present + account.drift
  const isNear = (step: number) => Math.abs(step - around) <= TOLERANCE
  const isRight = (step: number) => isTotpOf(secret, step, code)
  const step = findStep(around, (each) => isNear(each) && isFresh(account, each) && isRight(each))
  if (step !== null) return { ok: true, account: acceptStep(account, step, now), stepsOff: step - present }
  const found = findStep(around, isRight)
  if (found === null) return countFailure(account, now, (left) => refusals.wrongCode(account.owner, left))
  // Whoever repeats a command guesses nothing, and must not close the account by it.
  if (isNear(found) || found === account.lastStep)
    return { ok: false, refusal: refusals.usedCode(account.owner), changes: [] }
  return countFailure(spendStep(account, found, around), now, (left) => refusals.tooFar(account, found - present, left))
}

/** Finds the app's clock again from two codes that it showed one after the other, and spends both. */
export function judgeTwoCodes({ account, secret }: HeldTotp, codes: readonly [string, string], now: number): Verdict {
  if (isClosed(account, now)) return { ok: false, refusal: refusals.closed(account, now), changes: [] }
  const present = stepAt(now)
  const [first, second] = codes
  const step = findStep(
    present,
    // Both of them later than what was accepted. One that came too early for a check may serve here: it takes two.
    (each) => each > (account.lastStep ?? -1) && isTotpOf(secret, each, first) && isTotpOf(secret, each + 1, second),
  )
  if (step === null) return countFailure(account, now, refusals.notConsecutive)
  const stepsOff = step + 1 - present
  // One step is in the way of reading it out, and tolerated anyway.
  const drift = Math.abs(stepsOff) <= TOLERANCE ? 0 : stepsOff
  // The codes prove the app, not the caller of this minute: two old ones would do, had nobody used them.
  const { verifiedAt } = account
  return { ok: true, account: { ...acceptStep(account, step + 1, now), drift, verifiedAt }, stepsOff }
}

export const isClosed = ({ closedUntil }: TotpAccount, now: number): boolean =>
  closedUntil !== null && now < closedUntil

/** Later than all that was accepted, and never named before. */
const isFresh = ({ lastStep, spentSteps }: TotpAccount, step: number): boolean =>
  step > (lastStep ?? -1) && !spentSteps.includes(step)

function acceptStep(account: TotpAccount, step: number, now: number): TotpAccount {
  const spentSteps = account.spentSteps.filter((each) => each > step)
  return { ...account, lastStep: step, spentSteps, failures: 0, closedUntil: null, verifiedAt: now }
}

/** Who guessed a code, and is told that it will be right in a while, must not be let in by it then. */
function spendStep(account: TotpAccount, step: number, around: number): TotpAccount {
  const ahead = account.spentSteps.filter((each) => each >= around - TOLERANCE)
  return { ...account, spentSteps: step > around ? [...ahead, step] : ahead }
}

export function countFailure(account: TotpAccount, now: number, refuse: (left: number) => Refusal): Verdict {
  // What closed it is over: counting starts anew.
  const failures = (account.closedUntil === null ? account.failures : 0) + 1
  const full = failures >= FAILURES
  const record: TotpAccount = { ...account, failures, closedUntil: full ? now + CLOSED_MS : null }
  const refusal = refuse(FAILURES - failures)
  const changes: Change[] = [{ put: 'totp', record }]
  return { ok: false, changes, refusal: full ? refusals.nowClosed(refusal, record, now) : refusal }
}
