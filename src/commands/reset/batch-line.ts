/**
 * One line of a batch: a reset code as it would be typed, or a JSON document with `code` and what flags would say of this one alone. What is
 * wrong with a line is a value, so that it spoils no other.
 */
import { readTicket } from '../../console/ticket.ts'
import { VERIFICATION_METHODS } from '../../desk/records/verification.ts'
import { KeydeskError } from '../../errors.ts'
import { isFields, isOptionalText } from '../../guards.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import { parseTotp } from '../../session/app-code.ts'
import { checkName } from '../../term/escape.ts'
import type { ConfirmOptions } from './confirm.ts'
import { hearText } from './hear-code.ts'

/** What a line may say; what it leaves out, the flags say for all. */
export type LineOptions = Pick<ConfirmOptions, 'verifiedBy' | 'ticket' | 'reason' | 'acceptCorrection'>
type Line = LineOptions & { readonly code: string; readonly totp?: string }

const FIELDS: readonly string[] = ['code', 'verifiedBy', 'totp', 'ticket', 'reason', 'acceptCorrection']
const LONGEST = 4_096

/** Whether there is anything on it: empty lines and those that begin with # have no result. */
export const isMeant = (line: string): boolean => !/^\s*(#|$)/.test(line)

/** Throws a KeydeskError that says what is wrong with the line. */
export function hearLine(text: string, common: LineOptions, ticketPattern: string | null): ConfirmByName {
  if (text.length > LONGEST)
    throw new KeydeskError('usage', 'bad-line', `the line is longer than ${LONGEST} characters`)
  const { code, totp, verifiedBy, ticket, reason, acceptCorrection } = { ...common, ...readLine(text) }
  if (totp !== undefined && verifiedBy !== undefined && verifiedBy !== 'totp')
    throw new KeydeskError('usage', 'options-exclude', `totp and verifiedBy ${verifiedBy} exclude each other`)
  return {
    heard: hearText(code, acceptCorrection === true),
    device: null,
    totp: totp === undefined ? null : parseTotp(totp),
    verifiedBy: totp === undefined ? (verifiedBy ?? null) : 'totp',
    ticket: ticket === undefined ? null : readTicket(ticket, ticketPattern),
    reason: reason === undefined ? null : checkName(reason, 'reason'),
  }
}

function readLine(text: string): Line {
  if (!text.trimStart().startsWith('{')) return { code: text.trim() }
  const line = parseJson(text)
  if (!isFields(line) || typeof line['code'] !== 'string') throw badLine('a JSON document with a code is expected')
  const unknown = Object.keys(line).find((field) => !FIELDS.includes(field))
  if (unknown !== undefined)
    throw badLine(`there is no field ${JSON.stringify(unknown.slice(0, 40))}; there are ${FIELDS.join(', ')}`)
  const { verifiedBy, totp, ticket, reason, acceptCorrection } = line
  const isTexts = [totp, ticket, reason].every(isOptionalText)
  const isMethod = verifiedBy === undefined || (VERIFICATION_METHODS as readonly unknown[]).includes(verifiedBy)
  const isChoice = acceptCorrection === undefined || typeof acceptCorrection === 'boolean'
  if (isTexts && isMethod && isChoice) return line as unknown as Line
  throw badLine('a field has a value that it cannot have')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const badLine = (message: string): KeydeskError => new KeydeskError('usage', 'bad-line', message)
