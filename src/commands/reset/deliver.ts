/**
 * Delivers a confirmation code by mail draft or clipboard, besides the screen.
 * - An unusable wording or file, or a missing clipboard program, is reported before the commit.
 * - A failure after the commit is reported beside the code, because policy may not allow a repeat.
 */
import { CLEARED_AFTER_SECONDS, copyForAWhile, findClipboard } from '../../console/clipboard.ts'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import {
  mailLanguage,
  renderWorded,
  requireWorded,
  tellMissingAddress,
  type Worded,
} from '../../console/mail-wording.ts'
import { requireEnding, withSecretFile } from '../../console/secret-file.ts'
import type { Context } from '../../context.ts'
import type { MailLanguage } from '../../desk/records/mail-kinds.ts'
import type { ConfirmAnswer } from '../../desk/reset/decide.ts'
import { KeydeskError } from '../../errors.ts'
import type { Perform } from '../../operations/index.ts'
import type { Committed } from '../../store/desk.ts'
import { escapeText } from '../../term/escape.ts'

export type DeliverOptions = DeskGlobals & {
  readonly email?: string
  readonly copy?: boolean
  readonly language?: MailLanguage
  readonly ticket?: string
}
type Confirmed = Committed<ConfirmAnswer>
/**
 * `copied`: the code is on the clipboard and will be cleared in time. `undelivered` is thrown after the code was shown.
 */
export type Delivered = Confirmed & { readonly copied: boolean; readonly undelivered: KeydeskError | null }

export async function deliver(
  context: Context,
  options: DeliverOptions,
  perform: Perform,
  confirm: () => Promise<Confirmed>,
): Promise<Delivered> {
  const { email, copy } = options
  if (email !== undefined) requireEnding(email, '--email', ['eml'])
  const clipboard = copy === true ? findClipboard(context) : null
  const committed =
    email === undefined
      ? { ...(await confirm()), undelivered: null }
      : await mail(context, options, perform, email, confirm)
  if (email !== undefined && committed.undelivered === null)
    tellMail(context, options, email, committed.answer.device.user)
  if (clipboard === null) return { ...committed, copied: false }
  const fault = await copyForAWhile(context, clipboard, committed.answer.confirmationCode)
  const gone = `copied; in ${CLEARED_AFTER_SECONDS} s it is taken away, unless something else was copied meanwhile`
  tell(context, options, fault === null ? gone : `warning: ${fault}`)
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
): Promise<Omit<Delivered, 'copied'>> {
  const asked = { kind: 'confirm', language: mailLanguage(context, options.language) } as const
  const worded = await requireWorded(asked, (wanted) => perform('mail.wording', wanted))
  const kept: Confirmed[] = []
  const commit = async () => {
    const committed = await confirm()
    kept.push(committed)
    return committed
  }
  const draw = ({ answer }: Confirmed) => renderConfirmMail(answer, worded, options.ticket ?? '')
  try {
    return { ...(await withSecretFile(context, path, { commit, draw, ...UNFINISHED })), undelivered: null }
  } catch (error) {
    const [committed] = kept
    if (committed === undefined || !(error instanceof KeydeskError)) throw error
    return { ...committed, undelivered: error }
  }
}

const UNFINISHED = {
  what: 'the confirmation',
  again: () => 'the code is shown all the same: tell it, or repeat the command with another file',
}

function renderConfirmMail(answer: ConfirmAnswer, worded: Worded, ticket: string): string {
  const { device, confirmationCode, deskWords } = answer
  const { user, name } = device
  return renderWorded(worded, { user, device: name, confirmationCode, deskWords: deskWords.join(' '), ticket })
}
