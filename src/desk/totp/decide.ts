/**
 * The authenticator app of a caller or an operator: set up (pending until a code of it is proven), verified, brought into step again,
 * reset. A secret that is drawn for a new one comes in as an argument, and goes out once, in the answer of `decideEnroll`.
 * Whoever has an app in force gets another only by a code of it, or by an admin.
 */
import { encodeRecovery, markRecovery, parseRecovery } from '../../crypto/recovery.ts'
import { encodeBase32, encodeKeyUri } from '../../crypto/totp.ts'
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type EntryContent, type TotpAccount, totpSubject } from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'
import { type HeldTotp, judgeCode, judgeTwoCodes, type Verdict } from './codes.ts'
import * as refusals from './refusals.ts'
import { judgeRecovery } from './second-factor.ts'

/** Whose second factor it is. */
export type TotpOwner = Pick<TotpAccount, 'ownerId' | 'owner' | 'name'>
export type EnrollRequest = {
  readonly owner: TotpOwner
  readonly issuer: string
  readonly secret: Uint8Array
  readonly recovery: readonly Uint8Array[]
}
export type EnrollAnswer = {
  readonly account: TotpAccount
  readonly uri: string
  readonly secret: string
  /** An operator's; none for a caller. */
  readonly recoveryCodes: readonly string[]
}
export type CodeAnswer = { readonly account: TotpAccount; readonly stepsOff: number }
type Entry = Omit<EntryContent, 'outcome'>

/** Draws nothing: the secret is given. One that waits for its first code is replaced; its wrong codes stay counted. */
export function decideEnroll(
  before: TotpAccount | null,
  { owner, issuer, secret, recovery }: EnrollRequest,
  { now }: Circumstances,
): Decision<EnrollAnswer> {
  const entry = entryOf('totp.enroll', owner)
  if (before?.state === 'active') return refuse(entry, refusals.activeAlready(owner))
  const { failures, closedUntil } = before ?? { failures: 0, closedUntil: null }
  const recoveryCodes = recovery.map(encodeRecovery)
  const marks = recoveryCodes.map((code) => markRecovery(secret, parseRecovery(code) as string))
  const account: TotpAccount = {
    ...{ ...owner, state: 'pending', enrolledAt: now, failures, closedUntil },
    ...{ lastStep: null, spentSteps: [], drift: 0, verifiedAt: null, recovery: marks, trusted: [] },
  }
  const answer = { account, uri: encodeKeyUri(secret, issuer, owner.name), secret: encodeBase32(secret), recoveryCodes }
  return allow(entry, [{ put: 'totp', record: account, secret }], answer)
}

/** Puts it in force by its first code. That proves the app, and not yet whose hand it is in: it verifies nobody. */
export function decideActivate(
  owner: TotpOwner,
  held: HeldTotp | null,
  code: string,
  { now }: Circumstances,
): Decision<CodeAnswer> {
  const entry = entryOf('totp.activate', owner)
  if (held === null) return refuse(entry, refusals.notEnrolled(owner))
  if (held.account.state === 'active') return refuse(entry, refusals.activeAlready(owner))
  return settle(entry, judgeCode(held, code, now), { state: 'active', verifiedAt: null })
}

/** One code, which is spent by it. */
export function decideVerify(
  owner: TotpOwner,
  held: HeldTotp | null,
  code: string,
  { now }: Circumstances,
): Decision<CodeAnswer> {
  return whenActive(entryOf('totp.verify', owner), owner, held, (active) => judgeCode(active, code, now))
}

/** Two codes in a row say by how much the app's clock is off; later codes are looked for there. */
export function decideResync(
  owner: TotpOwner,
  held: HeldTotp | null,
  codes: readonly [string, string],
  { now }: Circumstances,
): Decision<CodeAnswer> {
  return whenActive(entryOf('totp.resync', owner), owner, held, (active) => judgeTwoCodes(active, codes, now))
}

/** Takes the secret away, so that no code of it is worth anything from this commit on. `code`: of the app, instead of an admin. */
export function decideReset(
  owner: TotpOwner,
  held: HeldTotp | null,
  code: string | null,
  { now, operator }: Circumstances,
): Decision<TotpAccount> {
  const entry = { ...entryOf('totp.reset', owner), details: { byCode: code !== null } }
  if (held === null) return refuse(entry, refusals.notEnrolled(owner))
  const isActive = held.account.state === 'active'
  // Nobody's own: who finds an administrator's desk unlocked has not found their phone.
  const own = owner.ownerId === operator.operatorId
  const forbidden =
    !isActive || code !== null ? null : own ? refusals.ownNeedsCode() : refuseRole('totp.reset', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const recovery = code === null ? null : parseRecovery(code)
  const verdict =
    recovery !== null ? judgeRecovery(held, recovery, now) : code === null ? null : judgeCode(held, code, now)
  if (verdict?.ok === false) return refuse(entry, verdict.refusal, verdict.changes)
  const gone = {
    lastStep: null,
    spentSteps: [],
    drift: 0,
    failures: 0,
    closedUntil: null,
    verifiedAt: null,
    recovery: [],
    trusted: [],
  }
  const record: TotpAccount = { ...held.account, state: 'none', ...gone }
  return allow(entry, [{ put: 'totp', record, secret: null }], record)
}

const entryOf = (action: string, owner: TotpOwner): Entry => ({ action, subject: totpSubject(owner), details: {} })

function whenActive(
  entry: Entry,
  owner: TotpOwner,
  held: HeldTotp | null,
  judge: (held: HeldTotp) => Verdict,
): Decision<CodeAnswer> {
  if (held === null) return refuse(entry, refusals.notEnrolled(owner))
  if (held.account.state === 'pending') return refuse(entry, refusals.pending(owner))
  return settle(entry, judge(held), {})
}

/** How far the code was off goes on record, as whoever looks for a wrong clock needs it. */
function settle(entry: Entry, verdict: Verdict, change: Partial<TotpAccount>): Decision<CodeAnswer> {
  if (!verdict.ok) return refuse(withDetails(entry, verdict.refusal.details), verdict.refusal, verdict.changes)
  const { stepsOff } = verdict
  const account = { ...verdict.account, ...change }
  return allow(withDetails(entry, { stepsOff }), [{ put: 'totp', record: account }], { account, stepsOff })
}

function withDetails(entry: Entry, details: Readonly<Record<string, unknown>> | undefined): Entry {
  const stepsOff = details?.['stepsOff']
  return typeof stepsOff === 'number' ? { ...entry, details: { ...entry.details, stepsOff } } : entry
}
