/**
 * The second factor of an operator, after the passphrase: a code of their app, a recovery code (each once), or a
 * trusted workstation. A workstation becomes trusted after one of the two codes.
 * - It is a gate in the tool only: the passphrase alone opens the keys.
 * - If policy demands an app and none is active, the first code of a new app opens the gate. The same commit activates
 *   the app.
 */
import { markRecovery, markTrust, parseRecovery } from '../../crypto/recovery.ts'
import type { Refusal } from '../../errors.ts'
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { decideUnlock } from '../operator.ts'
import { type EntryContent, operatorSubject, type TotpAccount, type TrustedWorkstation } from '../records/index.ts'
import type { Policy } from '../records/policy.ts'
import { countFailure, type HeldTotp, isClosed, judgeCode, type Verdict } from './codes.ts'
import * as codeRefusals from './refusals.ts'
import * as refusals from './second-factor-refusals.ts'

const DAY_MS = 86_400_000

/** The input for the second factor: a code or recovery code as typed, and the token that this workstation keeps. */
export type GivenFactor = {
  readonly code: string | null
  readonly token: Uint8Array | null
  /** Set if this workstation is trusted from now on. */
  readonly trust: { readonly trustId: string; readonly name: string; readonly token: Uint8Array } | null
}
/** `setup`: policy demands an app, and none is active. */
export type Demand = 'none' | 'trusted' | 'code' | 'setup'
export type FactorAnswer = {
  readonly factor: 'none' | 'trusted' | 'totp' | 'recovery'
  readonly stepsOff: number | null
  readonly recoveryLeft: number | null
  readonly trustedUntil: number | null
}

/** Returns the second factor that is still needed after the right passphrase. */
export function demandOf(
  held: HeldTotp | null,
  token: Uint8Array | null,
  policy: Policy,
  { now, operator }: Circumstances,
): Demand {
  // An auditor has no key to the section that seals an app's secret, so no app can be demanded of them.
  const isRequired = policy.totpRequired && operator.role !== 'auditor'
  if (held?.account.state !== 'active') return isRequired ? 'setup' : 'none'
  return token !== null && isTrusted(held, token, now) ? 'trusted' : 'code'
}

/** Whether the passphrase alone is enough for one command, without unlocking. */
export function decideUse(
  held: HeldTotp | null,
  token: Uint8Array | null,
  policy: Policy,
  { now, operator }: Circumstances,
): Decision<null> {
  const entry = { action: 'operator.use', subject: operatorSubject(operator), details: {} }
  const demand = demandOf(held, token, policy, { now, operator })
  if (demand === 'none' || demand === 'trusted') return allow(entry, [], null)
  return refuse(entry, demand === 'setup' ? refusals.setupDemanded() : refusals.factorMissing())
}

/** Logs that an operator unlocked their keys, for how long, and by which second factor. */
export function decideUnlockBy(
  limitSeconds: number,
  held: HeldTotp | null,
  given: GivenFactor,
  policy: Policy,
  circumstances: Circumstances,
): Decision<FactorAnswer> {
  const { now } = circumstances
  const demand = demandOf(held, given.trust === null ? given.token : null, policy, circumstances)
  const { outcome: _, ...entry } = decideUnlock(limitSeconds, circumstances).entry
  const nothing = { stepsOff: null, recoveryLeft: null, trustedUntil: null }
  if (demand === 'none' && given.trust !== null) return refuse(entry, refusals.trustWithoutApp())
  if (demand === 'none') return allow(entry, [], { factor: 'none', ...nothing })
  if (demand === 'trusted') return allow(withFactor(entry, 'trusted'), [], { factor: 'trusted', ...nothing })
  if (held === null || (demand === 'setup' && given.code === null)) return refuse(entry, refusals.setupDemanded())
  if (given.code === null) return refuse(entry, refusals.factorMissing())
  const judged = judgeFactor(held, given.code, demand, now)
  if (!judged.ok) return refuse(entry, asLocked(judged.refusal), judged.changes)
  const { account, stepsOff } = judged
  const trusted = given.trust === null ? null : trustOf(held, given.trust, policy, now)
  const kept = account.trusted.filter(({ until }) => until > now)
  const record: TotpAccount = { ...account, state: 'active', trusted: trusted === null ? kept : [...kept, trusted] }
  const answer = {
    factor: judged.factor,
    stepsOff,
    recoveryLeft: record.recovery.length,
    trustedUntil: trusted?.until ?? null,
  }
  return allow(withFactor(entry, judged.factor, trusted), [{ put: 'totp', record }], answer)
}

/** Ends the trust in one of the operator's own workstations. Refuses if none has this id. */
export function decideRevokeTrust(
  account: TotpAccount | null,
  trustId: string,
  { operator }: Circumstances,
): Decision<TrustedWorkstation> {
  const entry = { action: 'operator.trust-revoke', subject: operatorSubject(operator), details: { trustId } }
  const found = account?.trusted.find((each) => each.trustId === trustId)
  if (account === null || found === undefined) return refuse(entry, refusals.noSuchTrust())
  const record = { ...account, trusted: account.trusted.filter((each) => each !== found) }
  return allow(entry, [{ put: 'totp', record }], found)
}

type Judged = Extract<Verdict, { ok: false }> | (Extract<Verdict, { ok: true }> & { factor: 'totp' | 'recovery' })

/** A recovery code replaces a code of an active app. It cannot set up a new one. */
function judgeFactor(held: HeldTotp, typed: string, demand: Demand, now: number): Judged {
  const symbols = demand === 'code' ? parseRecovery(typed) : null
  const verdict = symbols === null ? judgeCode(held, typed, now) : judgeRecovery(held, symbols, now)
  return verdict.ok ? { ...verdict, factor: symbols === null ? 'totp' : 'recovery' } : verdict
}

/** Each recovery code works once: using it removes its mark. */
export function judgeRecovery({ account, secret }: HeldTotp, symbols: string, now: number): Verdict {
  if (isClosed(account, now)) return { ok: false, refusal: codeRefusals.closed(account, now), changes: [] }
  const mark = markRecovery(secret, symbols)
  if (!account.recovery.includes(mark)) return countFailure(account, now, refusals.wrongRecovery)
  const recovery = account.recovery.filter((each) => each !== mark)
  return { ok: true, account: { ...account, recovery, failures: 0, closedUntil: null, verifiedAt: now }, stepsOff: 0 }
}

function isTrusted({ account, secret }: HeldTotp, token: Uint8Array, now: number): boolean {
  const mark = markTrust(secret, token)
  return account.trusted.some((each) => each.mark === mark && now < each.until)
}

function trustOf({ secret }: HeldTotp, trust: NonNullable<GivenFactor['trust']>, { trustDays }: Policy, now: number) {
  const { trustId, name, token } = trust
  return { trustId, name, mark: markTrust(secret, token), since: now, until: now + trustDays * DAY_MS }
}

type Entry = Omit<EntryContent, 'outcome'>
const withFactor = (entry: Entry, factor: string, trusted: TrustedWorkstation | null = null): Entry => ({
  ...entry,
  details: { ...entry.details, factor, ...(trusted !== null && { trusted: trusted.name }) },
})

/** At the gate a wrong second factor counts as a wrong passphrase does. A closed account stays a lockout. */
const asLocked = (refusal: Refusal): Refusal => (refusal.kind === 'rejected' ? { ...refusal, kind: 'locked' } : refusal)
