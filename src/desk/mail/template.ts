/**
 * The wording of a mail: a text with {{placeholders}}, whose first line is the subject.
 * - Placeholders are filled once. A filled value is not searched for placeholders again.
 * - Each kind of mail has one main placeholder. It must stand in the text and never in the subject, because every list
 *   of mails shows the subject.
 */
import type { MailKind, MailLanguage, WordingKey } from '../records/mail-kinds.ts'
import { wordingKey } from '../records/mail-kinds.ts'
import type { Policy } from '../records/policy.ts'
import { STANDARD_WORDINGS } from './wordings.ts'

const COMMON = ['organisation', 'user', 'device']
export const PLACEHOLDERS: Readonly<
  Record<MailKind, { readonly subject: string; readonly others: readonly string[] }>
> = {
  confirm: { subject: 'confirmationCode', others: [...COMMON, 'deskWords', 'ticket'] },
  // The enrolment code is not among them: it travels by another way than the invitation.
  invite: { subject: 'invitation', others: COMMON },
  'pin-device': { subject: 'pin', others: [...COMMON, 'expiresAt'] },
  'pin-desk': { subject: 'pin', others: [...COMMON, 'expiresAt'] },
}

const LONGEST = 8_000
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g

export type Wording = { readonly subject: string; readonly body: string }

/** Returns null unless the text begins with `Subject: …` and has a body. Line ends of any system are accepted. */
export function readWording(text: string): Wording | null {
  const [, subject, body] = /^Subject: ([^\n]*\S)[ \t]*\n([\s\S]*)$/.exec(text.replaceAll(/\r\n?/g, '\n')) ?? []
  if (subject === undefined || body === undefined || body.trim() === '') return null
  return { subject, body: body.replace(/^\n+/, '').trimEnd() }
}

/** Returns the fault of the wording; null if it has none. */
export function findWordingFault(kind: MailKind, text: string): string | null {
  if (text.length > LONGEST) return `it is longer than ${LONGEST} characters`
  const wording = readWording(text)
  if (wording === null) return 'it does not begin with a line Subject: …, and text below it'
  const { subject, others } = PLACEHOLDERS[kind]
  const used = namesIn(`${wording.subject}\n${wording.body}`)
  const unknown = used.find((name) => name !== subject && !others.includes(name))
  if (unknown !== undefined) return `there is no placeholder {{${unknown}}} in a mail of this kind`
  if (/\{\{|\}\}/.test(text.replaceAll(PLACEHOLDER, ''))) return 'a {{ or }} stands there alone'
  if (namesIn(wording.subject).includes(subject))
    return `{{${subject}}} stands in the subject, where every list of mails shows it`
  return namesIn(wording.body).includes(subject) ? null : `{{${subject}}} is missing`
}

const namesIn = (text: string): string[] => Array.from(text.matchAll(PLACEHOLDER), ([, name]) => name as string)

/**
 * Fills all placeholders in one pass, so that a placeholder inside a value stays text. `fill.text` renders our own
 * text, `fill.value` renders the value of a placeholder.
 */
export function fillWording(
  text: string,
  fill: { readonly text: (text: string) => string; readonly value: (name: string) => string },
): string {
  let end = 0
  const pieces = Array.from(text.matchAll(PLACEHOLDER), (found) => {
    const before = fill.text(text.slice(end, found.index))
    end = found.index + found[0].length
    return before + fill.value(found[1] as string)
  })
  return pieces.join('') + fill.text(text.slice(end))
}

/** Returns the active wording: the organisation's, or the standard one. */
export function chooseWording({ wordings }: Pick<Policy, 'wordings'>, kind: MailKind, language: MailLanguage): string {
  const key: WordingKey = wordingKey(kind, language)
  return wordings[key] ?? STANDARD_WORDINGS[key]
}
