/**
 * Judges a code of an authenticator app.
 * - A code is accepted once, and only for the present step of the app's clock (`drift`) or one step beside it.
 * - A right code that is further off is refused, and the refusal says how far.
 * - The fifth wrong code in a row closes the account for 15 minutes.
 * - The verdict holds the changes that the code causes. So the commit decides which of several requests is the first.
 */
import { findStep, isTotpOf, stepAt } from '../../crypto/totp.ts'
import type { Refusal } from '../../errors.ts'
import type { Change } from '../decision.ts'
import type { TotpAccount } from '../records/index.ts'
import * as refusals from './refusals.ts'

const FAILURES = 5
const CLOSED_MS = 15 * 60_000
/** The steps that are allowed on either side of the present one. */
const TOLERANCE = 1

/** An account that was set up, with its secret. */
export type HeldTotp = { readonly account: TotpAccount; readonly secret: Uint8Array }

export type Verdict =
  | { readonly ok: true; readonly account: TotpAccount; readonly stepsOff: number }
  | { readonly ok: false; readonly refusal: Refusal; readonly changes: readonly Change[] }

/** Whether the code is the app's, fits now, and is used for the first time. */
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
  // A repeated command is no guess, so it must not help to close the account.
  if (isNear(found) || found === account.lastStep)
    return { ok: false, refusal: refusals.usedCode(account.owner), changes: [] }
  return countFailure(spendStep(account, found, around), now, (left) => refusals.tooFar(account, found - present, left))
}

/** Finds the app's clock again from two codes that it showed one after the other. Spends both. */
export function judgeTwoCodes({ account, secret }: HeldTotp, codes: readonly [string, string], now: number): Verdict {
  if (isClosed(account, now)) return { ok: false, refusal: refusals.closed(account, now), changes: [] }
  const present = stepAt(now)
  const [first, second] = codes
  const step = findStep(
    present,
    // Both must be later than the last accepted step. A spent (too early) code may be used here: it takes two.
    (each) => each > (account.lastStep ?? -1) && isTotpOf(secret, each, first) && isTotpOf(secret, each + 1, second),
  )
  if (step === null) return countFailure(account, now, refusals.notConsecutive)
  const stepsOff = step + 1 - present
  // One step passes while the code is read out, and one step is tolerated anyway.
  const drift = Math.abs(stepsOff) <= TOLERANCE ? 0 : stepsOff
  // The codes prove the app, but not that the caller is there now: two old ones that nobody used would pass too.
  const { verifiedAt } = account
  return { ok: true, account: { ...acceptStep(account, step + 1, now), drift, verifiedAt }, stepsOff }
}

export const isClosed = ({ closedUntil }: TotpAccount, now: number): boolean =>
  closedUntil !== null && now < closedUntil

/** Whether the step is later than every accepted one, and not spent. */
const isFresh = ({ lastStep, spentSteps }: TotpAccount, step: number): boolean =>
  step > (lastStep ?? -1) && !spentSteps.includes(step)

function acceptStep(account: TotpAccount, step: number, now: number): TotpAccount {
  const spentSteps = account.spentSteps.filter((each) => each > step)
  return { ...account, lastStep: step, spentSteps, failures: 0, closedUntil: null, verifiedAt: now }
}

/**
 * Spends a code that is right but too early. Otherwise a person who guessed it, and was told that it is early, could
 * use it later.
 */
function spendStep(account: TotpAccount, step: number, around: number): TotpAccount {
  const ahead = account.spentSteps.filter((each) => each >= around - TOLERANCE)
  return { ...account, spentSteps: step > around ? [...ahead, step] : ahead }
}

export function countFailure(account: TotpAccount, now: number, refuse: (left: number) => Refusal): Verdict {
  // If the account was closed, that time is over, and counting starts at zero.
  const failures = (account.closedUntil === null ? account.failures : 0) + 1
  const full = failures >= FAILURES
  const record: TotpAccount = { ...account, failures, closedUntil: full ? now + CLOSED_MS : null }
  const refusal = refuse(FAILURES - failures)
  const changes: Change[] = [{ put: 'totp', record }]
  return { ok: false, changes, refusal: full ? refusals.nowClosed(refusal, record, now) : refusal }
}
