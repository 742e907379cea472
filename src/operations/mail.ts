/** Reads the content of a mail: the organisation's name, and the active wording. */

import { chooseWording } from '../desk/mail/template.ts'
import { MAIL_KINDS, MAIL_LANGUAGES, type MailKind, type MailLanguage } from '../desk/records/mail-kinds.ts'
import { isFields } from '../guards.ts'
import type { Desk } from '../store/desk.ts'
import type { Operation } from './operation.ts'

export type WordingAsked = { readonly kind: MailKind; readonly language: MailLanguage }
export type WordingAnswer = { readonly organisation: string; readonly wording: string }

export const readMailWording: Operation<WordingAsked, WordingAnswer> = { accepts: isAsked, perform: readWording }

/** The same for code that has the desk open already. */
export function readWording(desk: Pick<Desk, 'read'>, { kind, language }: WordingAsked): Promise<WordingAnswer> {
  return desk.read(async (records) => {
    const { name: organisation } = await records.organisation()
    return { organisation, wording: chooseWording(records.policy, kind, language) }
  })
}

function isAsked(request: unknown): request is WordingAsked {
  if (!isFields(request)) return false
  const { kind, language } = request
  const [kinds, languages]: readonly (readonly unknown[])[] = [MAIL_KINDS, MAIL_LANGUAGES]
  return kinds?.includes(kind) === true && languages?.includes(language) === true
}
