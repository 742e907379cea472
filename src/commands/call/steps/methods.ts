/**
 * The ways to verify the caller in this call: the methods that policy lists, and "none" if policy allows it or the
 * operator is an admin.
 */
import { provenUntil } from '../../../desk/pin/proof.ts'
import { listOutstanding } from '../../../desk/pin/state.ts'
import type { VerificationMethod } from '../../../desk/records/verification.ts'
import type { Facts } from '../facts.ts'

export type Choice = {
  readonly method: VerificationMethod | 'none'
  readonly label: string
  /** An instruction or a fact about the method. */
  readonly note: string
}

const RECENT_MS = 10 * 60_000
const LABELS: Readonly<Record<VerificationMethod, string>> = {
  totp: 'a code of their authenticator app',
  pin: 'a one-time PIN that was mailed to them',
  callback: 'calling them back',
  manager: 'their manager vouches for them',
  'in-person': 'they stand before you',
}
const NOTES: Readonly<Record<'callback' | 'manager' | 'in-person', string>> = {
  callback: 'hang up, and call the number on file: never one that the caller gives',
  manager: 'call the manager yourself',
  'in-person': 'look at their badge or passport',
}

export function listChoices(facts: Facts): Choice[] {
  const { policy, role } = facts
  const known = policy.verificationMethods.map((method) => ({
    method,
    label: LABELS[method],
    note: noteOf(method, facts),
  }))
  if (policy.callerVerification !== 'required') {
    const note =
      policy.callerVerification === 'warn' ? 'policy warns of it, and the record says so' : 'policy does not ask'
    return [...known, { method: 'none', label: 'go on without', note }]
  }
  if (role !== 'admin') return known
  return [...known, { method: 'none', label: 'go on without, as an admin', note: 'you are asked why, for the record' }]
}

function noteOf(method: VerificationMethod, facts: Facts): string {
  if (method === 'totp') return noteOfApp(facts)
  return method === 'pin' ? noteOfPin(facts) : NOTES[method]
}

function noteOfApp({ app, appVerifiedAt, at }: Facts): string {
  if (app !== 'active') return 'they have none that is in force: take another way'
  const isRecent = appVerifiedAt !== null && at >= appVerifiedAt && at - appVerifiedAt <= RECENT_MS
  return isRecent
    ? 'one of the last ten minutes was right: Enter alone will do'
    : 'six digits, which change every half a minute'
}

function noteOfPin({ device, at }: Facts): string {
  const until = provenUntil(device.pins.desk.redeemed)
  if (until !== null && at <= until) return 'one was redeemed minutes ago: Enter alone will do'
  const mailed = listOutstanding(device, at).some(
    ({ audience, issued }) => audience === 'desk' && issued.delivered === 'mail',
  )
  return mailed
    ? 'one is in their mail: ten digits'
    : 'none is in their mail: keydesk pin issue USER --for desk --email FILE.eml'
}
