/**
 * `keydesk totp enroll`: draws the secret of an authenticator app and outputs it once.
 * - The output is the terminal (a QR code, and the key below it for typing), a picture, a mail draft, or --json.
 * - The secret is never spelt, because others could hear it.
 */
import type { Command } from 'commander'
import type { DeskGlobals } from '../../console/globals.ts'
import { tell } from '../../console/input.ts'
import { requireEnding, withSecretFile } from '../../console/secret-file.ts'
import type { Context } from '../../context.ts'
import type { EnrollAnswer } from '../../desk/totp/decide.ts'
import { KeydeskError, quoteWord } from '../../errors.ts'
import { resolveOwner } from '../../operations/totp.ts'
import { splitUser } from '../../session/app-code.ts'
import { withDesk } from '../../session/open.ts'
import { drawApp, renderEnrollment, renderRecovery } from '../../session/own-app.ts'
import type { Committed, Desk } from '../../store/desk.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { formatOf, QR_FORMATS } from '../../term/qr-file.ts'
import { drawMail } from './mail.ts'

type EnrollOptions = DeskGlobals & { readonly self?: boolean; readonly qr?: string; readonly email?: string }

const HELP = `
The secret is shown this once. What is not in a file or in JSON needs a
terminal.

Examples:
  keydesk totp enroll zoe@example.ch
  keydesk totp enroll zoe@example.ch --qr zoe.png
  keydesk totp enroll --self`

export function registerEnroll(command: Command, context: Context): void {
  command
    .argument('[user]', 'whose app it will be')
    .option('--self', 'your own, which unlock will ask for; with ten recovery codes')
    .option('--qr <file>', 'write the QR code to a new file instead, .png or .svg')
    .option('--email <file>', 'write a mail draft with the QR code to a new file instead, .eml')
    .addHelpText('after', HELP)
    .action((user: string | undefined) => enroll(context, command.optsWithGlobals<EnrollOptions>(), user))
}

/** The file for the secret, and the function that makes its content. */
type Target = {
  readonly path: string
  readonly draw: (enrolled: EnrollAnswer, organisation: string) => Promise<Uint8Array | string>
}

async function enroll(context: Context, options: EnrollOptions, given: string | undefined): Promise<void> {
  const { user } = splitUser(given === undefined ? [] : [given], options)
  const target = readTarget(options)
  requireReader(context, options, target)
  const drawn = drawApp(context, user === null)
  const commit = () => withDesk(context, options, (desk) => addAccount(desk, user, drawn))
  if (target === null) return showEnrolled(context, options, await commit(), null)
  const { path, draw } = target
  const enrolled = await withSecretFile(context, path, {
    commit,
    draw: ({ answer, organisation }) => draw(answer, organisation),
    what: 'the app',
    again: () => 'repeat the command with another file: an app that waits for its first code is replaced',
  })
  await showEnrolled(context, options, enrolled, path)
}

function readTarget({ qr, email, self }: EnrollOptions): Target | null {
  // The operator's own secret never goes into a mail: a reader of the operator's mail could have both factors.
  const other = qr === undefined ? (self === true ? '--self' : null) : '--qr'
  if (other !== null && email !== undefined)
    throw new KeydeskError('usage', 'options-exclude', `${other} and --email exclude each other`)
  if (email !== undefined) {
    requireEnding(email, '--email', ['eml'])
    return { path: email, draw: drawMail }
  }
  if (qr === undefined) return null
  requireEnding(qr, '--qr', QR_FORMATS)
  return { path: qr, draw: async ({ uri }) => (await import('../../term/qr-file.ts')).drawQrFile(uri, formatOf(qr)) }
}

/** Throws `usage` for a pipe without --json: a secret that is written to a pipe by accident can end up in a log. */
function requireReader({ io }: Context, { json }: EnrollOptions, target: Target | null): void {
  if (target !== null || json === true || io.stdoutIsTerminal) return
  const hint = 'run it at a terminal, or add --qr FILE.png, --email FILE.eml or --json'
  throw new KeydeskError('usage', 'no-terminal', 'the secret is shown on a terminal only', hint)
}

type Enrolled = Committed<EnrollAnswer> & { readonly organisation: string }

async function addAccount(desk: Desk, user: string | null, drawn: ReturnType<typeof drawApp>): Promise<Enrolled> {
  const { decideEnroll } = await import('../../desk/totp/decide.ts')
  const { name: issuer } = await desk.read((records) => records.organisation())
  const committed = await desk.commit(async (records, now) => {
    const owner = await resolveOwner(desk, records, user)
    const before = await records.totpAccount(owner.ownerId)
    return decideEnroll(before, { owner, issuer, ...drawn }, { now, operator: desk.me })
  })
  return { ...committed, organisation: issuer }
}

/** Prints the answer. A secret in a mail draft is not repeated here. */
async function showEnrolled(
  context: Context,
  options: EnrollOptions,
  { answer, seq }: Enrolled,
  file: string | null,
): Promise<void> {
  const { account, uri, secret, recoveryCodes } = answer
  const recovery = recoveryCodes.length === 0 ? {} : { recoveryCodes }
  const shown = options.email === undefined ? { uri, secret, ...recovery } : recovery
  await printAnswer(context.io, options, {
    json: { ...shown, user: account.name, state: account.state, file, auditSeq: seq },
    screen: () =>
      file === null
        ? renderEnrollment(answer)
        : [`Wrote ${escapeText(file)}.\n`, ...renderRecovery(recoveryCodes)].join('\n'),
  })
  const whose = account.owner === 'operator' ? '--self' : quoteWord(escapeText(account.name))
  const next = `keydesk totp activate ${whose} CODE`
  tell(context, options, `hint: it is not in force before a code of it is proven: ${next}`)
}
