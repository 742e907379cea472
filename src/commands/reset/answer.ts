/**
 * The answer to a reset code:
 * - JSON: the same fields for one code and for each line of a batch.
 * - Screen: the desk words first, then the code, large and in groups. With --spell, the words of the code follow.
 */
import type { GlobalOptions } from '../../console/globals.ts'
import { paintFor } from '../../console/paint.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { ConfirmAnswer } from '../../desk/reset/decide.ts'
import { describePlace, type HeardCode } from '../../desk/reset/heard-code.ts'
import type { ConfirmByName } from '../../operations/reset.ts'
import { renderCode, renderSpelling } from '../../term/code-screen.ts'
import { escapeText } from '../../term/escape.ts'
import type { SpellingLanguage } from '../../term/spelling.ts'

/** Whether the code was corrected, and the code as it was confirmed. */
export function correctionJson({ corrections, code }: HeardCode) {
  return { corrected: corrections.length > 0, resetCode: code }
}

type Answered = Omit<ConfirmAnswer, 'device' | 'warnUnverified'>
type Of = Pick<ConfirmAnswer['device'], 'deviceId' | 'tag' | 'user'>
type Request = Pick<ConfirmByName, 'heard' | 'verifiedBy' | 'ticket'>

export function confirmationJson(
  { heard, verifiedBy, ticket }: Request,
  { deviceId, tag, user }: Of,
  { confirmationCode, epoch, standing, stepsOff, deskWords }: Answered,
  auditSeq: number,
) {
  const asked = { confirmationCode, deviceId, tag, epoch, user, verifiedBy, ticket, auditSeq }
  return { ...asked, repeated: standing === 'repeat', ...correctionJson(heard), stepsOff, deskWords }
}

type Confirmed = {
  readonly answer: ConfirmAnswer
  readonly heard: HeardCode
  readonly language: SpellingLanguage | null
}

/** Notes for the operator: whether the code is a repeat, and each corrected symbol to read back. */
export function describeNotes({ standing }: ConfirmAnswer, { corrections }: HeardCode): string[] {
  const repeated = standing === 'repeat' ? ['shown again: it was confirmed already'] : []
  return [...repeated, ...corrections.map((correction) => `read back: ${describePlace(correction)}`)]
}

export async function renderConfirmation(
  context: Context,
  options: GlobalOptions,
  confirmed: Confirmed,
): Promise<string> {
  const { answer, heard, language } = confirmed
  const { device, epoch, deskWords, confirmationCode } = answer
  const brush = await paintFor(context, options)
  return [
    `${brush.bold(escapeText(`${device.name} of ${device.user}`))}  ${formatTag(device.tag)}, epoch ${epoch}`,
    `Say first   ${brush.bold(deskWords.join(' '))}`,
    ...describeNotes(answer, heard).map((note) => brush.warn(`Note        ${note}`)),
    '',
    renderCode(confirmationCode, brush, { columns: context.io.columns }),
    ...(language === null ? [] : [renderSpelling(confirmationCode, language)]),
  ].join('\n')
}
