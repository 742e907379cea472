/** Refusals for codes of an authenticator app, with the operator's next step. None holds a code or a secret. */
import type { Refusal } from '../../errors.ts'
import type { TotpAccount } from '../records/index.ts'

const STEP_SECONDS = 30

/** A caller is on the telephone; an operator looks at their own phone. */
type Owner = TotpAccount['owner']
type Named = Pick<TotpAccount, 'owner' | 'name'>

export const wrongCode = (owner: Owner, left: number): Refusal => ({
  kind: 'rejected',
  reason: 'wrong-code',
  message: `the code is wrong${describeLeft(left)}`,
  hint: `${owner === 'user' ? 'ask for' : 'type'} the code that the app shows now, for this desk and this name`,
})

export const usedCode = (owner: Owner): Refusal => ({
  kind: 'rejected',
  reason: 'used-code',
  message: 'the code was used already, or a later one was',
  hint:
    'wait until the app shows the next code, half a minute at most' +
    (owner === 'user' ? '; in a call, one of the last ten minutes still holds: --verified-by totp' : ''),
})

export const tooFar = ({ owner, drift }: TotpAccount, stepsOff: number, left: number): Refusal => ({
  kind: 'rejected',
  reason: 'code-too-far',
  message:
    `the code is right, but ${describeSteps(stepsOff)} this machine's clock` +
    `${drift === 0 ? '' : `, and the app was ${describeSteps(drift)} it at its last resync`}${describeLeft(left)}`,
  hint:
    owner === 'user'
      ? 'have the clocks of both set by the network; if the app’s stays so, two codes in a row: keydesk totp resync USER CODE CODE'
      : 'have the clocks of both set by the network; until then a recovery code does too',
  details: { stepsOff },
})

export const notConsecutive = (left: number): Refusal => ({
  kind: 'rejected',
  reason: 'not-consecutive',
  message: `these are not two new codes of the app, one after the other, within an hour of this clock${describeLeft(left)}`,
  hint: 'ask for the code that the app shows, wait for the next one, and give both in that order',
})

export const closed = ({ closedUntil, owner }: TotpAccount, now: number): Refusal => ({
  kind: 'refused',
  reason: 'totp-closed',
  message: `five codes in a row were wrong: no code is looked at until ${describeUntil(closedUntil as number, now)}`,
  hint: owner === 'user' ? 'make sure of the caller in another way, or try again then' : 'try again then',
  details: { retryAfterSeconds: Math.ceil(((closedUntil as number) - now) / 1000) },
})

/** The refusal of the fifth wrong code, which closes the account. */
export const nowClosed = (refusal: Refusal, { closedUntil, owner }: TotpAccount, now: number): Refusal => ({
  ...refusal,
  message: `${refusal.message}; it was the fifth in a row, and no code is looked at until ${describeUntil(closedUntil as number, now)}`,
  hint: owner === 'user' ? 'make sure of the caller in another way, or try again then' : 'try again then',
  details: { ...refusal.details, retryAfterSeconds: Math.ceil(((closedUntil as number) - now) / 1000) },
})

export const notEnrolled = ({ owner, name }: Named): Refusal => ({
  kind: 'refused',
  reason: 'totp-not-enrolled',
  message: `no authenticator app is set up for ${name}`,
  hint:
    owner === 'user'
      ? 'make sure of the caller in another way; to set one up: keydesk totp enroll USER'
      : 'to set one up: keydesk totp enroll --self',
})

export const pending = ({ owner, name }: Named): Refusal => ({
  kind: 'refused',
  reason: 'totp-pending',
  message: `the authenticator app of ${name} is not in force: no code of it was proven yet`,
  hint: `keydesk totp activate ${describeOwner(owner)} CODE`,
})

export const activeAlready = ({ owner, name }: Named): Refusal => ({
  kind: 'refused',
  reason: 'totp-active',
  message: `an authenticator app is in force for ${name}`,
  hint: `for a new phone, first: keydesk totp reset ${describeOwner(owner)}`,
})

/** This applies to every role: without a code of the app, another admin must reset it. */
export const ownNeedsCode = (): Refusal => ({
  kind: 'refused',
  reason: 'needs-admin',
  message: 'your own authenticator app is reset by a code of it, or by another admin',
  hint: 'keydesk totp reset --self --code CODE; a recovery code does too',
})

export const notVerified = (name: string): Refusal => ({
  kind: 'refused',
  reason: 'totp-not-verified',
  message: `no code of ${name} was verified in the last ten minutes`,
  hint: 'ask for a code of the app, and give it by --totp CODE',
})

/** The owner as a command line names them. A user's name is left out: it is foreign text, and operators paste hints. */
const describeOwner = (owner: Owner): string => (owner === 'user' ? 'USER' : '--self')

export const describeLeft = (left: number): string =>
  left <= 0 ? '' : `; after ${left} more no code is looked at for 15 minutes`

/** "3 steps (90 s) ahead of": the app's clock, compared with this machine's. */
function describeSteps(stepsOff: number): string {
  if (stepsOff === 0) return 'in step with'
  const steps = Math.abs(stepsOff)
  return `${steps} ${steps === 1 ? 'step' : 'steps'} (${steps * STEP_SECONDS} s) ${stepsOff > 0 ? 'ahead of' : 'behind'}`
}

/** "09:15 UTC, 15 minutes from now". */
function describeUntil(until: number, now: number): string {
  const minutes = Math.ceil((until - now) / 60_000)
  const day = Math.ceil(until / 60_000) % 1440
  const [hour, minute] = [Math.floor(day / 60), day % 60].map((part) => String(part).padStart(2, '0'))
  return `${hour}:${minute} UTC, ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} from now`
}
