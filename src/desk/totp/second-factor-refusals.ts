/** Refusals for the second factor of an operator, with their next step. */
import type { Refusal } from '../../errors.ts'
import { describeLeft } from './refusals.ts'

export const wrongRecovery = (left: number): Refusal => ({
  kind: 'rejected',
  reason: 'wrong-code',
  message: `the recovery code is wrong, or was used already${describeLeft(left)}`,
  hint: 'take another one of the ten, or a code of the app',
})

export const factorMissing = (): Refusal => ({
  kind: 'locked',
  reason: 'totp-missing',
  message: 'the passphrase is right, and a code of your authenticator app is missing',
  hint: 'keydesk unlock at a terminal, or keydesk unlock --totp CODE; a recovery code does too',
})

export const setupDemanded = (): Refusal => ({
  kind: 'locked',
  reason: 'totp-required',
  message: 'policy demands an authenticator app, and none is in force for you',
  hint: 'set it up now: keydesk unlock at a terminal',
})

export const trustWithoutApp = (): Refusal => ({
  kind: 'refused',
  reason: 'totp-not-enrolled',
  message: 'there is no authenticator app of yours that a trusted workstation could do without',
  hint: 'set one up: keydesk totp enroll --self',
})

export const noSuchTrust = (): Refusal => ({
  kind: 'notfound',
  reason: 'no-trust',
  message: 'no workstation of yours is trusted under this id',
  hint: 'keydesk operator trust list',
})
