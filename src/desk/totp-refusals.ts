/** Why a code of an authenticator app is refused, and what the operator does next. None of them holds a code or a secret. */
import type { Refusal } from '../errors.ts'
import type { TotpAccount } from './records.ts'

const STEP_SECONDS = 30

export const wrongCode = (left: number): Refusal => ({
  kind: 'rejected',
  reason: 'wrong-code',
  message: `the code is wrong${describeLeft(left)}`,
  hint: 'ask for the code that the app shows now, for this desk and this name',
})

export const usedCode = (): Refusal => ({
  kind: 'rejected',
  reason: 'used-code',
  message: 'the code was used already, or a later one was',
  hint: 'wait until the app shows the next code, half a minute at most; in a call, one of the last ten minutes still holds: --verified-by totp',
})

/** `drift` is where the app's clock was by its last resync; 0 without one. */
export const tooFar = (stepsOff: number, drift: number, left: number): Refusal => ({
  kind: 'rejected',
  reason: 'code-too-far',
  message:
    `the code is right, but ${describeSteps(stepsOff)} this machine's clock` +
    `${drift === 0 ? '' : `, and the app was ${describeSteps(drift)} it at its last resync`}${describeLeft(left)}`,
  hint: 'have the clocks of both set by the network; if the app’s stays so, two codes in a row: keydesk totp resync USER CODE CODE',
  details: { stepsOff },
})

export const notConsecutive = (left: number): Refusal => ({
  kind: 'rejected',
  reason: 'not-consecutive',
  message: `these are not two new codes of the app, one after the other, within an hour of this clock${describeLeft(left)}`,
  hint: 'ask for the code that the app shows, wait for the next one, and give both in that order',
})

export const closed = ({ closedUntil }: TotpAccount, now: number): Refusal => ({
  kind: 'refused',
  reason: 'totp-closed',
  message: `five codes in a row were wrong: no code is looked at until ${describeUntil(closedUntil as number, now)}`,
  hint: 'make sure of the caller in another way, or try again then',
  details: { retryAfterSeconds: Math.ceil(((closedUntil as number) - now) / 1000) },
})

/** The refusal of the code that was the last one allowed. */
export const nowClosed = (refusal: Refusal, { closedUntil }: TotpAccount, now: number): Refusal => ({
  ...refusal,
  message: `${refusal.message}; it was the fifth in a row, and no code is looked at until ${describeUntil(closedUntil as number, now)}`,
  hint: 'make sure of the caller in another way, or try again then',
  details: { ...refusal.details, retryAfterSeconds: Math.ceil(((closedUntil as number) - now) / 1000) },
})

export const notEnrolled = (name: string): Refusal => ({
  kind: 'refused',
  reason: 'totp-not-enrolled',
  message: `no authenticator app is set up for ${name}`,
  hint: 'make sure of the caller in another way; to set one up: keydesk totp enroll USER',
})

export const pending = (name: string): Refusal => ({
  kind: 'refused',
  reason: 'totp-pending',
  message: `the authenticator app of ${name} is not in force: no code of it was proven yet`,
  hint: 'keydesk totp activate USER CODE',
})

export const activeAlready = (name: string): Refusal => ({
  kind: 'refused',
  reason: 'totp-active',
  message: `an authenticator app is in force for ${name}`,
  hint: 'for a new phone, first: keydesk totp reset USER',
})

export const resetNeedsAdmin = (): Refusal => ({
  kind: 'refused',
  reason: 'needs-admin',
  message: 'only an admin may reset an authenticator app without a code of it',
  hint: 'if the old phone still works: keydesk totp reset USER --code CODE; else ask an administrator of this desk',
})

export const notVerified = (name: string): Refusal => ({
  kind: 'refused',
  reason: 'totp-not-verified',
  message: `no code of ${name} was verified in the last ten minutes`,
  hint: 'ask for a code of the app, and give it by --totp CODE',
})

const describeLeft = (left: number): string =>
  left <= 0 ? '' : `; after ${left} more no code is looked at for 15 minutes`

/** "3 steps (90 s) ahead of": the direction is the app's. */
function describeSteps(stepsOff: number): string {
  if (stepsOff === 0) return 'in step with'
  const steps = Math.abs(stepsOff)
  return `${steps} ${steps === 1 ? 'step' : 'steps'} (${steps * STEP_SECONDS} s) ${stepsOff > 0 ? 'ahead of' : 'behind'}`
}

/** "09:15 UTC (15 minutes from now)". */
function describeUntil(until: number, now: number): string {
  const minutes = Math.ceil((until - now) / 60_000)
  const day = Math.ceil(until / 60_000) % 1440
  const [hour, minute] = [Math.floor(day / 60), day % 60].map((part) => String(part).padStart(2, '0'))
  return `${hour}:${minute} UTC, ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} from now`
}
