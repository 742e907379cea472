/**
 * `keydesk totp enroll`: a secret leaves the desk once, and only to where it was asked for: a terminal (QR code, and the key below it for
 * typing), a picture, a mail draft, or --json. It is never spelt: there is no way to read one out that nobody overhears.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { EnrollAnswer } from '../desk/totp.ts'
import { KeydeskError } from '../errors.ts'
import { ownerOf, resolveUser } from '../operations/totp.ts'
import type { Committed, Desk } from '../store/desk.ts'
import { printAnswer } from '../term/answer.ts'
import { escapeText } from '../term/escape.ts'
import { QR_FORMATS, type QrFormat } from '../term/qr-file.ts'
import { quoteWord, tell } from './input.ts'
import { withPrivateFile } from './private-file.ts'
import { type DeskGlobals, withDesk } from './session.ts'
import { drawMail, renderEnrollment } from './totp-screen.ts'

type EnrollOptions = DeskGlobals & { readonly qr?: string; readonly email?: string }

const SECRET_BYTES = 20
const HELP = `
The secret is shown this once. What is not in a file or in JSON needs a terminal.

Examples:
  keydesk totp enroll zoe@example.ch
  keydesk totp enroll zoe@example.ch --qr zoe.png`

export function registerEnroll(command: Command, context: Context): void {
  command
    .argument('<user>', 'whose app it will be')
    .option('--qr <file>', 'write the QR code to a new file instead, .png or .svg')
    .option('--email <file>', 'write a mail draft with the QR code to a new file instead, .eml')
    .addHelpText('after', HELP)
    .action((user: string) => enroll(context, command.optsWithGlobals<EnrollOptions>(), user))
}

/** A file for the secret, and what is written into it. */
type Target = {
  readonly path: string
  readonly flag: string
  readonly draw: (enrolled: EnrollAnswer, organisation: string) => Promise<Uint8Array | string>
}

async function enroll(context: Context, options: EnrollOptions, name: string): Promise<void> {
  const target = readTarget(context, options)
  requireReader(context, options, target)
  const secret = context.random(SECRET_BYTES)
  const commit = () => withDesk(context, options, (desk) => addAccount(desk, name, secret))
  if (target === null) return showEnrolled(context, options, await commit(), null)
  const { path, flag, draw } = target
  const enrolled = await withPrivateFile(path, flag, async (write) => {
    const committed = await commit()
    write(await draw(committed.answer, committed.organisation))
    return committed
  })
  await showEnrolled(context, options, enrolled, path)
}

function readTarget(context: Context, { qr, email }: EnrollOptions): Target | null {
  if (qr !== undefined && email !== undefined)
    throw new KeydeskError('usage', 'options-exclude', '--qr and --email exclude each other')
  if (email !== undefined) {
    if (!/\.eml$/i.test(email)) throw new KeydeskError('usage', 'file-type', '--email names a file that ends in .eml')
    return { path: email, flag: '--email', draw: (enrolled, issuer) => drawMail(context, enrolled, issuer) }
  }
  if (qr === undefined) return null
  const format = QR_FORMATS.find((each) => qr.toLowerCase().endsWith(`.${each}`))
  if (format === undefined) throw new KeydeskError('usage', 'file-type', '--qr names a file that ends in .png or .svg')
  return { path: qr, flag: '--qr', draw: ({ uri }) => drawQr(uri, format) }
}

const drawQr = async (uri: string, format: QrFormat) => (await import('../term/qr-file.ts')).drawQrFile(uri, format)

/** A secret that falls into a pipe unasked ends up in a log. */
function requireReader({ io }: Context, { json }: EnrollOptions, target: Target | null): void {
  if (target !== null || json === true || io.stdoutIsTerminal) return
  const hint = 'run it at a terminal, or add --qr FILE.png, --email FILE.eml or --json'
  throw new KeydeskError('usage', 'no-terminal', 'the secret is shown on a terminal only', hint)
}

type Enrolled = Committed<EnrollAnswer> & { readonly organisation: string }

async function addAccount(desk: Desk, name: string, secret: Uint8Array): Promise<Enrolled> {
  const { decideEnroll } = await import('../desk/totp.ts')
  const { name: issuer } = await desk.read((records) => records.organisation())
  const committed = await desk.commit(async (records, now) => {
    const owner = ownerOf(await resolveUser(records, name))
    const before = await records.totpAccount(owner.ownerId)
    return decideEnroll(before, { owner, issuer, secret }, { now, operator: desk.me })
  })
  return { ...committed, organisation: issuer }
}

/** What went into a mail is only there. */
async function showEnrolled(
  context: Context,
  options: EnrollOptions,
  { answer, seq }: Enrolled,
  file: string | null,
): Promise<void> {
  const { account, uri, secret } = answer
  const shown = options.email === undefined ? { uri, secret } : {}
  await printAnswer(context.io, options, {
    json: { ...shown, user: account.name, state: account.state, file, auditSeq: seq },
    screen: () => (file === null ? renderEnrollment(answer) : `Wrote ${escapeText(file)}.\n`),
  })
  const next = `keydesk totp activate ${quoteWord(escapeText(account.name))} CODE`
  tell(context, options, `hint: it is not in force before a code of it is proven: ${next}`)
}
