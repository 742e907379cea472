/**
 * Reads one line of a batch: a reset code, or a JSON document with `code` and options for this code alone. An invalid
 * line becomes an error of its own result, so the other lines still run.
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

/** The options of one line. A missing option takes its value from the flags. */
export type LineOptions = Pick<ConfirmOptions, 'verifiedBy' | 'ticket' | 'reason' | 'acceptCorrection'>
type Line = LineOptions & { readonly code: string; readonly totp?: string }

const FIELDS: readonly string[] = ['code', 'verifiedBy', 'totp', 'ticket', 'reason', 'acceptCorrection']
const LONGEST = 4_096

/** True for a line with content. Empty lines and lines that begin with # have no result. */
export const isMeant = (line: string): boolean => !/^\s*(#|$)/.test(line)

/** Throws a KeydeskError for an invalid line. */
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
