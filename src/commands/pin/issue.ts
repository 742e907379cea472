/**
 * `keydesk pin issue`: issues a one-time PIN and commits it before it is shown or written. With --email the PIN is
 * written only into the mail draft. The order is:
 * - Read the wording and reserve the draft file, so that no PIN is issued that could not be written.
 * - Commit. No PIN is written without its audit entry.
 * - Write the draft. This step does not use the store.
 */
import type { Command } from 'commander'
import { tell } from '../../console/input.ts'
import { mailLanguage, renderWorded, requireWorded, type Worded } from '../../console/mail-wording.ts'
import { choice } from '../../console/options.ts'
import { withSecretFile } from '../../console/secret-file.ts'
import type { Context } from '../../context.ts'
import { formatPin, type PinAudience } from '../../crypto/pin.ts'
import { decideIssue, type IssueAnswer, type PinOwner } from '../../desk/pin/decide.ts'
import type { Prerequisite } from '../../desk/pin/prerequisites.ts'
import { expiresAt } from '../../desk/pin/state.ts'
import { MAIL_LANGUAGES, type MailKind } from '../../desk/records/mail-kinds.ts'
import { KeydeskError } from '../../errors.ts'
import { readWording } from '../../operations/mail.ts'
import { resolveDeviceOf, resolveUser } from '../../operations/user-name.ts'
import { withDesk } from '../../session/open.ts'
import type { Desk } from '../../store/desk.ts'
import type { Records } from '../../store/records.ts'
import { formatLocal, parseDuration } from '../../term/time.ts'
import { forWhom, renderPrerequisites, WHICH_DEVICE } from './check.ts'
import { type IssueOptions, printIssued } from './screen.ts'

const HELP = `
With --email nobody at the desk sees the PIN: it stands in the mail draft and
nowhere else.

Example:
  keydesk pin issue zoe@example.ch --ttl 8h`
const LONGEST_SECONDS = 86_400
const ISSUE_AGAIN = 'repeat the command with another file: a newer PIN replaces the one on record'

export function registerIssue(command: Command, context: Context): void {
  command
    .option(...WHICH_DEVICE)
    .addOption(forWhom())
    .option('--ttl <time>', 'how long it is good: 24h at most, less where policy says so')
    .option('--email <file>', 'write it into a mail draft, and show it to nobody')
    .addOption(choice('--language <language>', 'the language of the mail', MAIL_LANGUAGES))
    .addHelpText('after', HELP)
    .action((user: string) => issuePin(context, command.optsWithGlobals<IssueOptions>(), user))
}

async function issuePin(context: Context, options: IssueOptions, name: string): Promise<void> {
  const ttlMinutes = options.ttl === undefined ? null : readTtl(options.ttl)
  const request = { options, name, ttlMinutes }
  try {
    const issue = () => withDesk(context, options, (desk) => issueOnRecord(desk, request))
    const { email } = options
    const issued = await (email === undefined ? issue() : issueByMail(context, email, request))
    await printIssued(context, options, issued)
  } catch (error) {
    tellMissing(context, options, error)
    throw error
  }
}

function readTtl(text: string): number {
  const minutes = Math.floor(parseDuration(text, LONGEST_SECONDS) / 60)
  if (minutes >= 1) return minutes
  throw new KeydeskError('usage', 'bad-duration', `${text} is less than a minute`, 'a PIN counts in whole minutes')
}

type Request = { readonly options: IssueOptions; readonly name: string; readonly ttlMinutes: number | null }

async function issueByMail(context: Context, path: string, request: Request) {
  const { options } = request
  const kind = pinMailKind(options.for)
  const language = mailLanguage(context, options.language)
  return withSecretFile(context, path, {
    commit: () =>
      withDesk(context, options, async (desk) => {
        const worded = await requireWorded({ kind, language }, (wanted) => readWording(desk, wanted))
        return { ...(await issueOnRecord(desk, request)), worded }
      }),
    draw: ({ answer, worded }) => renderPinMail(answer, worded),
    what: 'the PIN',
    again: () => ISSUE_AGAIN,
  })
}

function issueOnRecord(desk: Desk, { options, name, ttlMinutes }: Request) {
  const { for: audience, email } = options
  const delivered = email === undefined ? 'read-out' : 'mail'
  return desk.commit(async (records, now) => {
    const owner = await readOwner(records, name, options.device)
    const circumstances = { now, operator: desk.me, newestAt: await records.newestAt() }
    return decideIssue(owner, { audience, ttlMinutes, delivered }, records.policy, circumstances)
  })
}

async function readOwner(records: Records, name: string, deviceName: string | undefined): Promise<PinOwner> {
  const user = await resolveUser(records, name)
  const device = await resolveDeviceOf(records, user, deviceName)
  return { user, device, secret: await records.deviceSecret(device) }
}

/** Prints the list of `pin check` before the error. */
function tellMissing(context: Context, options: IssueOptions, error: unknown): void {
  if (!(error instanceof KeydeskError) || error.refusal.reason !== 'prerequisites') return
  const { prerequisites } = error.refusal.details as { prerequisites: readonly Prerequisite[] }
  tell(context, options, renderPrerequisites(prerequisites).replace(/\n$/, ''))
}

/** Chosen by the audience that was asked for, because the wording is read before the PIN exists. */
const pinMailKind = (audience: PinAudience): MailKind => (audience === 'device' ? 'pin-device' : 'pin-desk')

/** The mail of a PIN: its purpose and its end. A stranger without the device can use nothing in it. */
function renderPinMail({ pin, device, issued }: IssueAnswer, worded: Worded): string {
  const { user, name } = device
  return renderWorded(worded, { user, device: name, pin: formatPin(pin), expiresAt: formatLocal(expiresAt(issued)) })
}
