/**
 * `keydesk mail template`: shows, sets and resets a wording. A new wording is checked completely before it is set.
 * Otherwise an unusable wording would appear only after a code is committed.
 */
import type { DeskGlobals } from '../../console/globals.ts'
import { readTextFile } from '../../console/input.ts'
import { mailLanguage } from '../../console/mail-wording.ts'
import type { Context } from '../../context.ts'
import { decideSetWording } from '../../desk/mail/change.ts'
import { MAIL_KINDS, type MailKind, type MailLanguage } from '../../desk/records/mail-kinds.ts'
import { KeydeskError } from '../../errors.ts'
import { readWording } from '../../operations/mail.ts'
import { withDesk } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'

export type TemplateOptions = DeskGlobals & { readonly language?: MailLanguage }

const STDIN = '-'

export async function showTemplate(context: Context, options: TemplateOptions, name: string): Promise<void> {
  const asked = { kind: requireKind(name), language: mailLanguage(context, options.language) }
  const { wording } = await withDesk(context, options, (desk) => readWording(desk, asked))
  // Escapes each line, although the wording was checked when it was set: no stored text reaches a terminal unescaped.
  const screen = () => wording.split('\n').map(escapeText).join('\n')
  await printAnswer(context.io, options, { json: { ...asked, text: wording }, screen })
}

export function setTemplate(context: Context, options: TemplateOptions, name: string, file: string): Promise<void> {
  const kind = requireKind(name)
  const text = (file === STDIN ? context.io.readInput() : readTextFile(file, 'the argument')).replaceAll(/\r\n?/g, '\n')
  const hidden = text.split('\n').findIndex((line) => escapeText(line) !== line)
  if (hidden === -1) return changeTemplate(context, options, kind, text)
  throw new KeydeskError('usage', 'bad-template', `line ${hidden + 1} has a character that cannot be shown`)
}

export const resetTemplate = (context: Context, options: TemplateOptions, name: string): Promise<void> =>
  changeTemplate(context, options, requireKind(name), null)

async function changeTemplate(context: Context, options: TemplateOptions, kind: MailKind, text: string | null) {
  const language = mailLanguage(context, options.language)
  const { answer, seq } = await withDesk(context, options, (desk) =>
    desk.commit(async (records) => {
      const circumstances = { now: context.clock(), operator: desk.me }
      return decideSetWording(records.policy, { kind, language, text }, circumstances)
    }),
  )
  const whose = text === null ? 'keydesk’s own wording' : 'your wording'
  await printAnswer(context.io, options, {
    json: { kind, language, changed: answer.changed, auditSeq: seq },
    screen: () => (answer.changed ? `${kind} (${language}) has ${whose} from now on.\n` : 'Nothing was changed.\n'),
  })
}

function requireKind(name: string): MailKind {
  const kind = MAIL_KINDS.find((each) => each === name)
  if (kind !== undefined) return kind
  throw new KeydeskError('usage', 'no-such-kind', 'there is no mail of that kind', `there are ${MAIL_KINDS.join(', ')}`)
}
