/** Makes a mail from a wording and its values. Foreign text is escaped for its place: text, HTML or a header. */
import type { Context } from '../context.ts'
import { fillWording, findWordingFault, PLACEHOLDERS, readWording } from '../desk/mail/template.ts'
import type { MailLanguage } from '../desk/records/mail-kinds.ts'
import { KeydeskError } from '../errors.ts'
import { readAddress } from '../mail/address.ts'
import { type Attachment, renderMail } from '../mail/message.ts'
import { escapeHtml, renderLarge, renderPage } from '../mail/page.ts'
import type { WordingAnswer, WordingAsked } from '../operations/mail.ts'
import { escapeText } from '../term/escape.ts'
import type { GlobalOptions } from './globals.ts'
import { tell } from './input.ts'
import { preferred } from './preferred.ts'

export type Worded = WordingAnswer & WordingAsked
/** Values by placeholder name. The organisation comes from the wording's answer. */
type Values = Readonly<Record<string, string>> & { readonly user: string }

/** The language of the option, or the preferred one, or English. */
export const mailLanguage = (context: Context, asked: MailLanguage | undefined): MailLanguage =>
  asked ?? (preferred(context, 'mail.language') as MailLanguage | undefined) ?? 'en'

/**
 * Reads a wording before a commit. Throws `refused` if it is not usable, because another version of keydesk may have
 * set it.
 */
export async function requireWorded(
  asked: WordingAsked,
  read: (asked: WordingAsked) => Promise<WordingAnswer>,
): Promise<Worded> {
  const answer = await read(asked)
  const { kind, language } = asked
  const fault = findWordingFault(kind, answer.wording)
  if (fault === null) return { ...asked, ...answer }
  const message = `the wording of ${kind} (${language}) cannot be used: ${fault}; nothing was changed`
  const hint = `an admin words it anew: keydesk mail template reset ${kind} --language ${language}`
  throw new KeydeskError('refused', 'unusable-template', message, hint)
}

export function renderWorded(worded: Worded, values: Values, attachments: readonly Attachment[] = []): string {
  const template = readWording(worded.wording)
  if (template === null) throw new TypeError('wording: it was checked when it was read')
  const draw = drawer(worded, values)
  const paragraphs = template.body.split(/\n{2,}/)
  const subject = draw.line(template.subject)
  const html = renderPage(worded.language, subject, paragraphs.map(draw.html).join('\n\n'))
  const text = paragraphs.map(draw.text).join('\n\n')
  return renderMail({ to: readAddress(values.user), subject, text, html, attachments })
}

/**
 * Tells the operator if the user's name is no mail address. The draft then has no recipient, and nothing else says so.
 */
export function tellMissingAddress(context: Context, options: GlobalOptions, user: string): void {
  if (readAddress(user) === null)
    tell(context, options, `${escapeText(user)} is no mail address: fill in whom the draft goes to`)
}

/**
 * The functions that draw the paragraphs. A paragraph with only the main placeholder (the code, for example) is set
 * apart and large.
 */
function drawer({ kind, organisation }: Worded, given: Values) {
  const values: Readonly<Record<string, string>> = { ...given, organisation }
  const about = PLACEHOLDERS[kind].subject
  const isAbout = (paragraph: string) => paragraph.trim() === `{{${about}}}`
  const value = (name: string) => escapeText(values[name] ?? '')
  const line = (text: string) => fillWording(text, { text: (own) => own, value })
  const rich = (text: string) => fillWording(text, { text: escapeHtml, value: (name) => escapeHtml(value(name)) })
  return {
    line,
    text: (paragraph: string) => (isAbout(paragraph) ? `    ${value(about)}` : line(paragraph)),
    html: (paragraph: string) => (isAbout(paragraph) ? renderLarge(value(about)) : rich(paragraph)),
  }
}
