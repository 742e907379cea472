/** Where a confirmation code goes besides the screen: a mail draft, the clipboard. What can be missing for it is said before the commit. */
import type { Context } from '../context.ts'
import type { MailLanguage } from '../desk/mail-kinds.ts'
import type { ConfirmAnswer } from '../desk/reset.ts'
import type { Committed } from '../store/desk.ts'
import { escapeText } from '../term/escape.ts'
import { CLEARED_AFTER_SECONDS, copyForAWhile, findClipboard } from './clipboard.ts'
import { tell } from './input.ts'
import type { Perform } from './perform.ts'
import { requireEnding, withSecretFile } from './secret-file.ts'
import type { DeskGlobals } from './session.ts'
import { mailLanguage, renderWorded, tellMissingAddress, type Worded } from './wording.ts'

export type DeliverOptions = DeskGlobals & {
  readonly email?: string
  readonly copy?: boolean
  readonly language?: MailLanguage
  readonly ticket?: string
}
type Confirmed = Committed<ConfirmAnswer>
/** `copied`: whether the code is on the clipboard, and will be gone in time. */
export type Delivered = Confirmed & { readonly copied: boolean }

export async function deliver(
  context: Context,
  options: DeliverOptions,
  perform: Perform,
  confirm: () => Promise<Confirmed>,
): Promise<Delivered> {
  const { email, copy } = options
  if (email !== undefined) requireEnding(email, '--email', ['eml'])
  const clipboard = copy === true ? findClipboard(context) : null
  const committed = email === undefined ? await confirm() : await mail(context, options, perform, email, confirm)
  if (email !== undefined) tellMail(context, options, email, committed.answer.device.user)
  if (clipboard === null) return { ...committed, copied: false }
  const fault = await copyForAWhile(context, clipboard, committed.answer.confirmationCode)
  const gone = `copied; in ${CLEARED_AFTER_SECONDS} s it is taken away, unless something else was copied meanwhile`
  tell(context, options, fault === null ? gone : `warning: it could not be copied: ${fault}`)
  return { ...committed, copied: fault === null }
}

function tellMail(context: Context, options: DeliverOptions, path: string, user: string): void {
  tell(context, options, `the mail is in ${escapeText(path)}`)
  tellMissingAddress(context, options, user)
}

async function mail(
  context: Context,
  options: DeliverOptions,
  perform: Perform,
  path: string,
  confirm: () => Promise<Confirmed>,
): Promise<Confirmed> {
  const asked = { kind: 'confirm', language: mailLanguage(context, options.language) } as const
  const worded = { ...asked, ...(await perform('mail.wording', asked)) }
  const again = 'repeat the command with another file: the same code is shown again'
  return withSecretFile(context, path, again, async (write) => {
    const committed = await confirm()
    write(renderConfirmMail(committed.answer, worded, options.ticket ?? ''))
    return committed
  })
}

function renderConfirmMail(answer: ConfirmAnswer, worded: Worded, ticket: string): string {
  const { device, confirmationCode, deskWords } = answer
  const { user, name } = device
  return renderWorded(worded, { user, device: name, confirmationCode, deskWords: deskWords.join(' '), ticket })
}
