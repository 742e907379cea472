/**
 * `keydesk pin issue`: a PIN that is on record before anybody sees it. With --email it is in the draft alone. The order: the decision, the
 * draft with a blank, the commit, the PIN into the draft. So no PIN is issued that could not be written, and none is written
 * that is not on record.
 */
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { decideIssue, type PinOwner } from '../desk/pin.ts'
import type { Prerequisite } from '../desk/prerequisites.ts'
import { KeydeskError } from '../errors.ts'
import { resolveDeviceOf, resolveUser } from '../operations/user-name.ts'
import type { Desk } from '../store/desk.ts'
import type { Records } from '../store/records.ts'
import { parseDuration } from '../term/time.ts'
import { tell } from './input.ts'
import { type DraftFile, openDraft } from './mail-draft.ts'
import { forWhom, renderPrerequisites, WHICH_DEVICE } from './pin-check.ts'
import { renderPinMail } from './pin-mail.ts'
import { type IssueOptions, printIssued } from './pin-screen.ts'
import { withDesk } from './session.ts'

const HELP = `
With --email nobody at the desk sees the PIN: it stands in the mail draft and nowhere else.

Example:
  keydesk pin issue zoe@example.ch --ttl 8h`
const LONGEST_SECONDS = 86_400

export function registerIssue(command: Command, context: Context): void {
  command
    .option(...WHICH_DEVICE)
    .addOption(forWhom())
    .option('--ttl <time>', 'how long it is good: 24h at most, less where policy says so')
    .option('--email <file>', 'write it into a mail draft, and show it to nobody')
    .addHelpText('after', HELP)
    .action((user: string) => issuePin(context, command.optsWithGlobals<IssueOptions>(), user))
}

async function issuePin(context: Context, options: IssueOptions, name: string): Promise<void> {
  const ttlMinutes = options.ttl === undefined ? null : readTtl(options.ttl)
  const draft = options.email === undefined ? null : openDraft(options.email, '--email')
  try {
    const issued = await withDesk(context, options, async (desk) => {
      const { name: organisation } = await desk.read((records) => records.organisation())
      const { answer, seq } = await issueOnRecord(desk, { options, name, ttlMinutes, organisation }, draft)
      draft?.complete(renderPinMail(answer, organisation))
      return { answer, seq }
    })
    await printIssued(context, options, issued)
  } catch (error) {
    tellMissing(context, options, error)
    throw error
  } finally {
    draft?.abandon()
  }
}

function readTtl(text: string): number {
  const minutes = Math.floor(parseDuration(text, LONGEST_SECONDS) / 60)
  if (minutes >= 1) return minutes
  throw new KeydeskError('usage', 'bad-duration', `${text} is less than a minute`, 'a PIN counts in whole minutes')
}

type Asked = {
  readonly options: IssueOptions
  readonly name: string
  readonly ttlMinutes: number | null
  readonly organisation: string
}

function issueOnRecord(desk: Desk, { options, name, ttlMinutes, organisation }: Asked, draft: DraftFile | null) {
  const { for: audience } = options
  const delivered = draft === null ? 'read-out' : 'mail'
  return desk.commit(async (records, now) => {
    const owner = await readOwner(records, name, options.device)
    const circumstances = { now, operator: desk.me, newestAt: await records.newestAt() }
    const policy = records.policy
    const decision = decideIssue(owner, { audience, ttlMinutes, delivered }, policy, circumstances)
    // A draft that cannot be written is thrown from here, and rolls the commit back.
    if ('answer' in decision) draft?.reserve(renderPinMail({ ...decision.answer, pin: BLANK }, organisation))
    return decision
  })
}

const BLANK = '##########'

async function readOwner(records: Records, name: string, deviceName: string | undefined): Promise<PinOwner> {
  const user = await resolveUser(records, name)
  const device = await resolveDeviceOf(records, user, deviceName)
  return { user, device, secret: await records.deviceSecret(device) }
}

/** The same list that `pin check` shows, before the error. */
function tellMissing(context: Context, options: IssueOptions, error: unknown): void {
  if (!(error instanceof KeydeskError) || error.refusal.reason !== 'prerequisites') return
  const { prerequisites } = error.refusal.details as { prerequisites: readonly Prerequisite[] }
  tell(context, options, renderPrerequisites(prerequisites).replace(/\n$/, ''))
}
