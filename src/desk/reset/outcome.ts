/**
 * How a call ended: whether the app is open, as far as the caller says.
 * It changes no device, because only a confirmation opens one. The audit log holds the caller's word and the ticket
 * beside the confirmation.
 */
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type Device, deviceSubject } from '../records/index.ts'
import { refuseRole } from '../records/roles.ts'

export const CALL_OUTCOMES = ['opened', 'aborted', 'will-call-back'] as const
export type CallOutcome = (typeof CALL_OUTCOMES)[number]
export type OutcomeRequest = { readonly result: CallOutcome; readonly ticket: string | null }
export type OutcomeAnswer = OutcomeRequest & { readonly device: Device }

export function decideOutcome(
  device: Device,
  { result, ticket }: OutcomeRequest,
  { operator }: Pick<Circumstances, 'operator'>,
): Decision<OutcomeAnswer> {
  const epoch = device.lastConfirmed?.epoch ?? null
  const entry = { action: 'reset.outcome', subject: deviceSubject(device), details: { result, epoch, ticket } }
  const forbidden = refuseRole('reset.outcome', operator)
  return forbidden === null ? allow(entry, [], { device, result, ticket }) : refuse(entry, forbidden)
}
