/**
 * Decisions on the authenticator app of a caller or an operator: enroll, activate, verify, resync, reset.
 * - A new app is pending until one of its codes is proven.
 * - The new secret comes in as an argument, and goes out once: in the answer of `decideEnroll`.
 * - A person with an active app gets another one only by a code of it, or by an admin.
 */
import { encodeRecovery, markRecovery, parseRecovery } from '../../crypto/recovery.ts'
import { encodeBase32, encodeKeyUri } from '../../crypto/totp.ts'
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type EntryContent, type TotpAccount, totpSubject } from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'
import { type HeldTotp, judgeCode, judgeTwoCodes, type Verdict } from './codes.ts'
import * as refusals from './refusals.ts'
import { judgeRecovery } from './second-factor.ts'

/** The owner of the second factor. */
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
  /** The recovery codes of an operator; empty for a caller. */
  readonly recoveryCodes: readonly string[]
}
export type CodeAnswer = { readonly account: TotpAccount; readonly stepsOff: number }
type Entry = Omit<EntryContent, 'outcome'>

/** Draws nothing: the secret is an argument. A pending app is replaced, but its wrong codes stay counted. */
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

/** Activates the app by its first code. The code proves the app, but not who holds it: so it verifies nobody. */
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

/** Checks one code, and spends it. */
export function decideVerify(
  owner: TotpOwner,
  held: HeldTotp | null,
  code: string,
  { now }: Circumstances,
): Decision<CodeAnswer> {
  return whenActive(entryOf('totp.verify', owner), owner, held, (active) => judgeCode(active, code, now))
}

/** Learns from two codes in a row by how much the app's clock is off. Later codes are searched around that step. */
export function decideResync(
  owner: TotpOwner,
  held: HeldTotp | null,
  codes: readonly [string, string],
  { now }: Circumstances,
): Decision<CodeAnswer> {
  return whenActive(entryOf('totp.resync', owner), owner, held, (active) => judgeTwoCodes(active, codes, now))
}

/**
 * Deletes the secret, so that none of its codes is valid from this commit on. With a `code` of the app, or a recovery
 * code, no admin is needed.
 */
export function decideReset(
  owner: TotpOwner,
  held: HeldTotp | null,
  code: string | null,
  { now, operator }: Circumstances,
): Decision<TotpAccount> {
  const entry = { ...entryOf('totp.reset', owner), details: { byCode: code !== null } }
  if (held === null) return refuse(entry, refusals.notEnrolled(owner))
  const isActive = held.account.state === 'active'
  // No admin resets their own app without a code: a person at an admin's unlocked desk does not have the admin's phone.
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

/** Logs how far the code was off, because that helps to find a wrong clock. */
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
