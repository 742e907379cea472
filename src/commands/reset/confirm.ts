/**
 * `keydesk reset confirm`: answers a reset code with its confirmation code.
 * - All arguments are checked before the commit, because the commit spends an epoch.
 * - A corrected code is read back to the caller first.
 * - The answer is shown after the commit.
 */
import { mayAsk, readArgument, refuseSharedStdin, tell } from '../../console/input.ts'
import type { Context } from '../../context.ts'
import type { MailLanguage } from '../../desk/records/mail-kinds.ts'
import type { VerificationMethod } from '../../desk/records/verification.ts'
import { KeydeskError } from '../../errors.ts'
import type { Perform } from '../../operations/index.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import { parseTotp } from '../../session/app-code.ts'
import { openSession } from '../../session/open.ts'
import { passphraseFile } from '../../session/passphrase.ts'
import { printAnswer } from '../../term/answer.ts'
import { checkName, escapeText } from '../../term/escape.ts'
import { parseLanguage, type SpellingLanguage } from '../../term/spelling.ts'
import { confirmationJson, describeNotes, renderConfirmation } from './answer.ts'
import type { CheckOptions } from './check.ts'
import type { Delivered, deliver } from './deliver.ts'
import { hearCode, readAgain, SYMBOLS } from './hear-code.ts'

export type ConfirmOptions = CheckOptions & {
  readonly verifiedBy?: VerificationMethod
  /** A code of the caller's app; with it `verifiedBy` is `totp`. */
  readonly totp?: string
  readonly ticket?: string
  readonly reason?: string
  readonly acceptCorrection?: boolean
  readonly spell?: string | true
  readonly email?: string
  readonly language?: MailLanguage
  readonly copy?: boolean
}

/** Imported late: only --email and --copy need it. */
const deliverLate: typeof deliver = async (...all) => (await import('./deliver.ts')).deliver(...all)

export async function confirmReset(context: Context, options: ConfirmOptions, typed: readonly string[]): Promise<void> {
  const { language, words } = await readSpelling(context, options.spell, typed)
  const totp = readTotp(context, options, words)
  const given = {
    totp,
    verifiedBy: totp === null ? (options.verifiedBy ?? null) : 'totp',
    ticket:
      options.ticket === undefined
        ? null
        : (await import('../../console/preferred.ts')).checkTicket(context, options.ticket),
    reason: options.reason === undefined ? null : checkName(options.reason, 'reason'),
  } as const
  const heard = await hearCode(context, options, words, options.acceptCorrection === true)
  const request = { heard, device: options.device ?? null, ...given }
  const { perform } = openSession(context, options)
  const confirm = () => confirmHeard(context, options, perform, request)
  const { email, copy } = options
  const delivered = email !== undefined || copy === true
  const committed = delivered
    ? await deliverLate(context, options, perform, confirm)
    : { ...(await confirm()), copied: false, undelivered: null }
  await showConfirmation(context, options, { ...committed, request, language })
  if (committed.undelivered !== null) throw committed.undelivered
}

/** Throws `usage` if two methods of verification are given: an audit entry has one. */
function readTotp(context: Context, { totp, verifiedBy, ...options }: ConfirmOptions, words: readonly string[]) {
  if (totp === undefined) return null
  if (verifiedBy !== undefined && verifiedBy !== 'totp')
    throw new KeydeskError('usage', 'options-exclude', `--totp and --verified-by ${verifiedBy} exclude each other`)
  const secret = passphraseFile(context, options)
  refuseSharedStdin({ CODE: words.join(' '), '--totp': totp, ...(secret && { [secret.flag]: secret.file }) })
  return parseTotp(readArgument(context, totp))
}

/**
 * The word after --spell is its language if it names one. If it does not, and the other words are less than a whole
 * code, the word is a part of the code: `--spell NBAJN 00737 8YWXP`.
 */
async function readSpelling(
  context: Context,
  spell: string | true | undefined,
  words: readonly string[],
): Promise<{ language: SpellingLanguage | null; words: readonly string[] }> {
  const standard = async () => (await import('../../console/preferred.ts')).preferredSpelling(context)
  if (typeof spell !== 'string') return { language: spell === true ? await standard() : null, words }
  const isShort = words.join('').replaceAll('-', '').length < SYMBOLS
  try {
    return { language: parseLanguage(spell), words }
  } catch (error) {
    if (!isShort) throw error
    return { language: await standard(), words: [spell, ...words] }
  }
}

/**
 * Commits the confirmation. At a terminal a corrected code is read back first, and confirmed only if the caller agrees.
 */
async function confirmHeard(context: Context, options: ConfirmOptions, perform: Perform, request: ConfirmByName) {
  try {
    return await perform('reset.confirm', request)
  } catch (error) {
    const proposed = error instanceof KeydeskError && error.refusal.reason === 'corrected'
    if (!proposed || !mayAsk(context, options)) throw error
    context.io.err(`${escapeText(error.message)}\n`)
    if (!(await context.prompt.confirm(`Read back ${request.heard.code}. Does the app show just that?`)))
      throw readAgain('misheard', 'the app shows another code; nothing was confirmed')
    return perform('reset.confirm', { ...request, heard: { ...request.heard, corrected: 'agreed' } })
  }
}

type Shown = Delivered & { readonly request: ConfirmByName; readonly language: SpellingLanguage | null }

async function showConfirmation(
  context: Context,
  options: ConfirmOptions,
  { answer, seq, copied, undelivered, request, language }: Shown,
): Promise<void> {
  const { device, confirmationCode, deskWords, warnUnverified } = answer
  const { heard } = request
  const draft = undelivered === null ? (options.email ?? null) : null
  if (warnUnverified) {
    tell(context, options, 'warning: the caller was not verified; if you made sure of them, say how by --verified-by')
  }
  if (!context.io.stdoutIsTerminal) {
    for (const note of [`say first: ${deskWords.join(' ')}`, ...describeNotes(answer, heard)])
      tell(context, options, note)
  }
  await printAnswer(context.io, options, {
    json: { ...confirmationJson(request, device, answer, seq), draft, copied },
    value: confirmationCode,
    screen: () => renderConfirmation(context, options, { answer, heard, language }),
  })
}
