/**
 * `keydesk pin redeem`: checks a PIN that a caller reads out. Each PIN is accepted once. It proves the caller only if
 * it was mailed.
 */
import type { Command } from 'commander'
import { mayAsk, readArgument, refuseSharedStdin } from '../../console/input.ts'
import { writeTime } from '../../console/times.ts'
import type { Context } from '../../context.ts'
import { parsePin } from '../../crypto/pin.ts'
import type { RedeemAnswer } from '../../desk/pin/decide.ts'
import { provenUntil } from '../../desk/pin/proof.ts'
import { KeydeskError } from '../../errors.ts'
import { openSession } from '../../session/open.ts'
import { passphraseFile } from '../../session/passphrase.ts'
import { printAnswer } from '../../term/answer.ts'
import { escapeText } from '../../term/escape.ts'
import { isoTime } from '../../term/time.ts'
import { type OfDevice, WHICH_DEVICE } from './check.ts'

export function registerRedeem(command: Command, context: Context): void {
  command
    .option(...WHICH_DEVICE)
    .addHelpText(
      'after',
      '\nPIN is typed in groups or in one; - reads it from stdin.\n\nExample:\n  keydesk pin redeem zoe@example.ch 35129-63739',
    )
    .action((user: string, words: string[]) => redeemPin(context, command.optsWithGlobals<OfDevice>(), user, words))
}

async function redeemPin(context: Context, options: OfDevice, name: string, words: readonly string[]): Promise<void> {
  const pin = await readPin(context, options, words)
  const request = { user: name, device: options.device ?? null, pin }
  const { answer, seq } = await openSession(context, options).perform('pin.redeem', request)
  const { device, delivered, at } = answer
  const until = provenUntil({ at, delivered })
  await printAnswer(context.io, options, {
    json: {
      ...{ redeemed: true, deviceId: device.deviceId, tag: device.tag, user: device.user, delivered },
      ...{ proves: until !== null, provesUntil: until === null ? null : isoTime(until), auditSeq: seq },
    },
    screen: () => renderRedeemed(context, answer, until),
  })
}

/** Returns ten digits. Throws `mistyped` before the store is opened; the error does not repeat the typed text. */
async function readPin(context: Context, options: OfDevice, words: readonly string[]): Promise<string> {
  const typed = words.join(' ')
  const secret = passphraseFile(context, options)
  refuseSharedStdin({ PIN: typed, ...(secret && { [secret.flag]: secret.file }) })
  const asked = typed === '' && mayAsk(context, options)
  const text = asked ? await context.prompt.text('One-time PIN') : readArgument(context, typed)
  if (text.trim() === '')
    throw new KeydeskError('usage', 'pin-missing', 'the PIN is missing', 'give it as PIN, or - to read it from stdin')
  const pin = parsePin(text)
  if (pin !== null) return pin
  throw new KeydeskError(
    'mistyped',
    'not-a-pin',
    'a PIN is ten digits',
    'ask the caller to read it again, five at a time',
  )
}

function renderRedeemed(context: Context, { device }: RedeemAnswer, until: number | null): string {
  const right = `The PIN for ${escapeText(`${device.name} of ${device.user}`)} was right, and is used.\n`
  return until === null
    ? `${right}It was read out on a call, so it proves nothing about the caller.\n`
    : `${right}It counts as --verified-by pin for this device until ${writeTime(context, until)}.\n`
}
