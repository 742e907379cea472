/**
 * The screen of an issued PIN: two groups of five digits, and the end of its validity in local time. If the PIN goes
 * into a mail draft, the screen does not show it.
 */
import { tell } from '../../console/input.ts'
import { tellMissingAddress } from '../../console/mail-wording.ts'
import { paintFor } from '../../console/paint.ts'
import type { Context } from '../../context.ts'
import { formatPin, LONGEST_PIN_MINUTES, type PinAudience } from '../../crypto/pin.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { IssueAnswer } from '../../desk/pin/decide.ts'
import { expiresAt } from '../../desk/pin/state.ts'
import type { MailLanguage } from '../../desk/records/mail-kinds.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { formatDuration, formatLocal, isoTime } from '../../term/time.ts'
import type { OfDevice } from './check.ts'

export type IssueOptions = OfDevice & {
  readonly for: PinAudience
  readonly ttl?: string
  readonly email?: string
  readonly language?: MailLanguage
}
type Issued = { readonly answer: IssueAnswer; readonly seq: number }

export async function printIssued(context: Context, options: IssueOptions, { answer, seq }: Issued): Promise<void> {
  const { pin, device, issued, repeated } = answer
  const mailed = options.email !== undefined
  await printAnswer(context.io, options, {
    json: { ...issuedJson(answer, options), auditSeq: seq },
    ...(!mailed && { value: formatPin(pin) }),
    screen: () => renderIssued(context, options, answer),
  })
  if (!mailed && !context.io.stdoutIsTerminal) tell(context, options, `good until ${formatLocal(expiresAt(issued))}`)
  if (repeated) tell(context, options, 'shown again: it was issued in this minute already')
  if (mailed) tellMissingAddress(context, options, device.user)
  if (options.for === 'device' && issued.ttlMinutes < LONGEST_PIN_MINUTES)
    tell(context, options, 'the app is told of no shorter time, and would take it for 24 hours')
  if (options.for === 'desk' && !mailed)
    tell(context, options, 'a PIN that you read out proves nothing about the caller: --email FILE.eml')
}

async function renderIssued(context: Context, options: IssueOptions, answer: IssueAnswer): Promise<string> {
  const { pin, device, issued } = answer
  const brush = await paintFor(context, options)
  const left = formatDuration((expiresAt(issued) - context.clock()) / 1000)
  return [
    `${brush.bold(escapeText(`${device.name} of ${device.user}`))}  ${formatTag(device.tag)}`,
    options.email === undefined
      ? `PIN         ${brush.bold(formatPin(pin))}`
      : `PIN         in the draft ${escapeText(options.email)}, and nowhere else`,
    `Good until  ${formatLocal(expiresAt(issued))}, ${left} from now, once`,
    `To be typed ${options.for === 'device' ? `into the app, with the user name ${escapeText(device.user)}` : 'into keydesk pin redeem, when the caller reads it out'}`,
  ].join('\n')
}

/** The JSON fields. `pin` is null if the PIN is in a mail. */
function issuedJson({ pin, device, issued, repeated }: IssueAnswer, { for: audience, email }: IssueOptions) {
  const { deviceId, tag, user, name } = device
  const { delivered } = issued
  const shown = { pin: email === undefined ? pin : null, deviceId, tag, user, name }
  return { ...shown, for: audience, expiresAt: isoTime(expiresAt(issued)), delivered, draft: email ?? null, repeated }
}
