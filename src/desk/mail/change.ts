/**
 * Changes the wording of a mail. Admin only, with an audit entry. It is signed in the roster like policy, so that the
 * mails of all operators say the same.
 */
import { allow, type Circumstances, type Decision, refuse } from '../decision.ts'
import { type MailKind, type MailLanguage, wordingKey } from '../records/mail-kinds.ts'
import { type Policy, WORDING_KEY_PREFIX } from '../records/policy.ts'
import { refuseRole } from '../records/roles.ts'
import { chooseWording, findWordingFault } from './template.ts'

export type WordingRequest = {
  readonly kind: MailKind
  readonly language: MailLanguage
  /** The new wording; null brings back the standard wording. */
  readonly text: string | null
}

export function decideSetWording(
  policy: Policy,
  { kind, language, text }: WordingRequest,
  { operator }: Circumstances,
): Decision<{ readonly text: string; readonly changed: boolean }> {
  const details = { kind, language, characters: text === null ? null : text.length }
  const entry = { action: 'mail.template', subject: null, details }
  const forbidden = refuseRole('mail.template', operator)
  if (forbidden !== null) return refuse(entry, forbidden)
  const fault = text === null ? null : findWordingFault(kind, text)
  if (fault !== null) return refuse(entry, { kind: 'usage', reason: 'bad-template', message: `${fault}`, hint: HINT })
  const key = wordingKey(kind, language)
  const changed = (policy.wordings[key] ?? null) !== text
  const { [key]: _, ...others } = policy.wordings
  const next = { wordings: text === null ? others : { ...others, [key]: text } }
  const change = { put: 'policy', key: `${WORDING_KEY_PREFIX}${key}`, value: text ?? '' } as const
  return allow(entry, changed ? [change] : [], { text: chooseWording(next, kind, language), changed })
}

const HINT = 'nothing was changed; begin with what there is: keydesk mail template show KIND > FILE'
