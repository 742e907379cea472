/**
 * `keydesk reset check`: says which device a reset code is from, whether it can be confirmed, and the desk words.
 * - It confirms nothing.
 * - It commits an entry only if the code is refused, because a wrong code counts here too (§6).
 */
import type { DeskGlobals } from '../../console/globals.ts'
import type { Context } from '../../context.ts'
import { formatTag } from '../../crypto/tag.ts'
import type { CheckAnswer } from '../../desk/reset/decide.ts'
import { describePlace, type HeardCode } from '../../desk/reset/heard-code.ts'
import { openSession } from '../../session/open.ts'
import { printAnswer } from '../../term/answer.ts'
import { renderFields } from '../../term/table.ts'
import { correctionJson } from './answer.ts'
import { hearCode } from './hear-code.ts'

export type CheckOptions = DeskGlobals & { readonly device?: string }

export async function checkReset(context: Context, options: CheckOptions, words: readonly string[]): Promise<void> {
  // No confirmation code is shown here, so a correction that the MAC proves needs no consent.
  const heard = await hearCode(context, options, words, true)
  const { perform } = openSession(context, options)
  const answer = await perform('reset.check', { heard, device: options.device ?? null })
  const { epoch, deskWords, standing } = answer
  const { deviceId, tag, user, name } = answer.device
  const found = { deviceId, tag, user, name, epoch, genuine: true, standing }
  const json = { ...found, ...correctionJson(heard), deskWords }
  await printAnswer(context.io, options, { json, screen: () => renderFields(describeCheck(answer, heard)) })
}

function describeCheck({ device, epoch, standing, deskWords }: CheckAnswer, heard: HeardCode): [string, string][] {
  const corrections = heard.corrections.map(describePlace).join('; ')
  return [
    ['Say first', deskWords.join(' ')],
    ['Device', `${device.name} of ${device.user} (${formatTag(device.tag)})`],
    ['Genuine', `yes, epoch ${epoch}, ${standing === 'new' ? 'can be confirmed' : 'was confirmed already'}`],
    ...(corrections === '' ? [] : [['Read back', `${heard.code} (${corrections})`] as [string, string]]),
  ]
}
